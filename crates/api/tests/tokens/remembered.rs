//! A key that goes takes its tokens with it, whoever remembers them.

use super::workshop::{KID, Workshop, caller, header, public, signed, stranger};
use serde_json::json;

fn renamed(kid: &str) -> serde_json::Value {
    let mut header = header();
    header["kid"] = json!(kid);
    header
}

#[test]
fn a_new_key_leaves_the_tokens_of_the_older_as_they_are() {
    let (workshop, next) = (Workshop::new(), stranger(2));
    let old = workshop.token();
    assert!(workshop.verifier.verify(&old).is_ok());
    let new = signed(&next, &renamed("2-next"), &json!(workshop.claims()));
    workshop.refuses("not known yet", &new);
    workshop.keys.replace(vec![public(KID, &workshop.key), public("2-next", &next)]);
    for token in [&old, &new] {
        assert_eq!(workshop.verifier.verify(token).map(|grant| grant.caller), Ok(caller()));
    }
}

#[test]
fn a_token_that_was_verified_counts_no_more_once_its_key_is_gone() {
    let (workshop, next) = (Workshop::new(), stranger(2));
    let (old, new) = (workshop.token(), signed(&next, &renamed("2-next"), &json!(workshop.claims())));
    workshop.keys.replace(vec![public(KID, &workshop.key), public("2-next", &next)]);
    for token in [&old, &new, &old, &new] {
        assert!(workshop.verifier.verify(token).is_ok());
    }
    workshop.keys.replace(vec![public("2-next", &next)]);
    for _ in 0..2 {
        assert_eq!(workshop.verifier.verify(&old).map_err(|text| text.code), Err("invalid_token"));
        assert!(workshop.verifier.verify(&new).is_ok());
    }
    workshop.keys.replace(Vec::new());
    assert!(workshop.verifier.verify(&new).is_err());
}

#[test]
fn another_key_of_the_same_name_is_another_key() {
    let workshop = Workshop::new();
    let old = workshop.token();
    assert!(workshop.verifier.verify(&old).is_ok());
    workshop.keys.replace(vec![public(KID, &stranger(2))]);
    assert_eq!(workshop.verifier.verify(&old).map_err(|text| text.code), Err("invalid_token"));
}

/// Identity elsewhere might send anything; what is no key of ours verifies nothing and breaks nothing.
#[test]
fn a_key_that_is_none_verifies_nothing() {
    let workshop = Workshop::new();
    let good = public(KID, &workshop.key);
    let change = |change: &dyn Fn(&mut api::PublicKey)| {
        let mut key = good.clone();
        change(&mut key);
        workshop.keys.replace(vec![key]);
        workshop.verifier.verify(&workshop.token()).map_err(|text| text.code)
    };
    assert_eq!(change(&|key| key.x = String::new()), Err("invalid_token"));
    assert_eq!(change(&|key| key.x.truncate(10)), Err("invalid_token"));
    assert_eq!(change(&|key| key.x.push_str("AAAA")), Err("invalid_token"));
    assert_eq!(change(&|key| key.x = "not base64!".into()), Err("invalid_token"));
    assert_eq!(change(&|key| key.kty = "RSA".into()), Err("invalid_token"));
    assert_eq!(change(&|key| key.crv = "Ed448".into()), Err("invalid_token"));
    assert!(change(&|_| ()).is_ok());
}
