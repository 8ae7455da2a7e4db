//! Tokens that somebody else made, or changed.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::workshop::{KID, Workshop, encoded, header, parts, public, signed, stranger, unsigned};

fn with(name: &str, value: Value) -> Value {
    let mut header = header();
    header[name] = value;
    header
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let workshop = Workshop::new();
    let claims = json!(workshop.claims());
    let [.., signature] = parts(&workshop.token());
    for none in ["none", "None", "NONE", "nOnE", "", "null"] {
        let said = unsigned(&with("alg", json!(none)), &claims);
        for end in [String::new(), ".".to_owned(), format!(".{}", encoded(&signature))] {
            workshop.refuses(none, &format!("{said}{end}"));
        }
        workshop.refuses(none, &workshop.signed(&with("alg", json!(none)), &claims));
    }
    let said = unsigned(&header(), &claims);
    workshop.refuses("the right algorithm and no signature", &format!("{said}."));
    workshop.refuses("the right algorithm and two parts", &said);
}

/// The public key is no secret: who takes it for one signs whatever they like.
#[test]
fn our_public_key_is_nobodys_secret() {
    let workshop = Workshop::new();
    let verifying = workshop.key.verifying_key();
    let jwk = public(KID, &workshop.key);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", jwk.x);
    let secrets = [
        verifying.as_bytes().to_vec(),
        jwk.x.clone().into_bytes(),
        serde_json::to_vec(&jwk).unwrap(),
        pem.into_bytes(),
        KID.as_bytes().to_vec(),
        Vec::new(),
    ];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some(KID.to_owned()), ..Header::new(algorithm) };
            let key = EncodingKey::from_secret(&secret);
            let forged = jsonwebtoken::encode(&header, &workshop.claims(), &key).unwrap();
            workshop.refuses("signed with what everybody knows", &forged);
        }
    }
}

#[test]
fn no_other_algorithm_is_spoken_even_by_our_own_key() {
    let workshop = Workshop::new();
    for algorithm in [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
        "eddsa", "Ed25519", "Ed448", "dir", "A128KW",
    ] {
        let token = workshop.signed(&with("alg", json!(algorithm)), &json!(workshop.claims()));
        workshop.refuses(algorithm, &token);
    }
    for odd in [json!(null), json!(["EdDSA"]), json!({"EdDSA": 1}), json!(1)] {
        workshop.refuses("no word", &workshop.signed(&with("alg", odd), &json!(workshop.claims())));
    }
}

/// A header offers a key, or says where one is: we look among our own and nowhere else.
#[test]
fn a_token_does_not_bring_its_own_key() {
    let (workshop, thief) = (Workshop::new(), stranger(66));
    let claims = json!(workshop.claims());
    let jwk = json!(public(KID, &thief));
    let offers = [
        with("jwk", jwk.clone()),
        with("jku", json!("https://evil.example/jwks.json")),
        with("x5u", json!("https://evil.example/chain.pem")),
        with("x5c", json!([encoded(thief.verifying_key().as_bytes())])),
        with("crit", json!(["jwk"])),
        json!({"alg": "EdDSA", "kid": "thief", "jwk": jwk}),
        json!({"alg": "EdDSA", "jwk": jwk}),
        header(),
    ];
    for offer in offers {
        workshop.refuses("signed by a thief", &signed(&thief, &offer, &claims));
    }
}

#[test]
fn a_keys_name_is_a_name_and_nothing_else() {
    let workshop = Workshop::new();
    let claims = json!(workshop.claims());
    let names = [
        json!("../../../../dev/null"),
        json!("/etc/passwd"),
        json!("file:///dev/null"),
        json!("https://evil.example/key"),
        json!("' or 1=1 --"),
        json!("1-house' union select 'AAAA' --"),
        json!("$(id)"),
        json!("1-house\u{0}"),
        json!("1-house "),
        json!("1-HOUSE"),
        json!("1-hous*"),
        json!(""),
        json!(null),
        json!(1),
        json!(["1-house"]),
        json!("k".repeat(1_500)),
    ];
    for name in names {
        workshop.refuses("another name", &workshop.signed(&with("kid", name), &claims));
    }
    workshop.refuses("no name", &workshop.signed(&json!({"alg": "EdDSA"}), &claims));
}

#[test]
fn a_token_that_is_cut_short_anywhere_is_refused() {
    let workshop = Workshop::new();
    let token = workshop.token();
    for length in 0..token.len() {
        workshop.refuses("cut short", &token[..length]);
    }
    for longer in [format!("{token}A"), format!("{token}="), format!("{token}."), format!("{token}.e30")] {
        workshop.refuses("made longer", &longer);
    }
    workshop.refuses("very long", &format!("{token}{}", "A".repeat(100_000)));
}

#[test]
fn a_token_with_a_bit_flipped_anywhere_is_refused() {
    let workshop = Workshop::new();
    let good = parts(&workshop.token());
    for part in 0..good.len() {
        for bit in 0..good[part].len() * 8 {
            let mut bad = good.clone();
            bad[part][bit / 8] ^= 1 << (bit % 8);
            let token = bad.each_ref().map(encoded).join(".");
            workshop.refuses(&format!("bit {bit} of part {part}"), &token);
        }
    }
}

/// Two texts for one signature would be two tokens: base64 has them, where its last character has bits to spare.
#[test]
fn a_token_has_one_spelling() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let workshop = Workshop::new();
    let token = workshop.token();
    let (start, last) = token.split_at(token.len() - 1);
    for other in ALPHABET.iter().map(|byte| char::from(*byte)).filter(|other| last != other.to_string()) {
        workshop.refuses("another last character", &format!("{start}{other}"));
    }
    for spelling in
        [token.replace('-', "+").replace('_', "/"), token.replace('.', "\n."), format!(" {token}")]
    {
        if spelling != token {
            workshop.refuses("another spelling", &spelling);
        }
    }
}
