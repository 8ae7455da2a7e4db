//! Tokens with a good signature that say what will not do.

use std::time::Duration;

use serde_json::{Value, json};
use types::Clock;

use super::workshop::{Workshop, caller, encoded, header};

#[test]
fn a_token_that_has_ended_is_refused_at_its_second() {
    let workshop = Workshop::new();
    let token = workshop.token();
    workshop.clock.advance(Duration::from_secs(299));
    assert_eq!(workshop.verifier.verify(&token).map(|grant| grant.caller), Ok(caller()));
    workshop.clock.advance(Duration::from_secs(1));
    // Once remembered, and once with nothing remembered.
    for verifier in [&workshop.verifier, &fresh(&workshop)] {
        assert_eq!(verifier.verify(&token).map_err(|text| text.code), Err("expired_token"));
    }
}

fn fresh(workshop: &Workshop) -> api::Verifier {
    let clock = std::sync::Arc::new(workshop.clock.clone());
    api::Verifier::new(workshop.keys.clone(), "daybook", "daybook", clock)
}

#[test]
fn a_token_without_an_end_is_refused() {
    let workshop = Workshop::new();
    for end in [json!(null), json!("never"), json!(u64::MAX), json!([]), json!(true)] {
        let token = workshop.saying(|claims| claims["exp"] = end.clone());
        workshop.refuses(&format!("it ends at {end}"), &token);
    }
    let token = workshop.saying(|claims| drop(claims.as_object_mut().unwrap().remove("exp")));
    workshop.refuses("no end", &token);
}

#[test]
fn a_token_of_tomorrow_is_refused_today() {
    let workshop = Workshop::new();
    let now = workshop.clock.now().seconds();
    for name in ["nbf", "iat"] {
        for later in [6, 60, 86_400] {
            let token = workshop.saying(|claims| claims[name] = json!(now + later));
            workshop.refuses(&format!("{name} in {later} s"), &token);
        }
        // Two machines' clocks may be a little apart.
        let token = workshop.saying(|claims| claims[name] = json!(now + 5));
        assert!(workshop.verifier.verify(&token).is_ok(), "{name}");
    }
    let token = workshop.saying(|claims| claims["nbf"] = json!(now + 60));
    workshop.refuses("not yet", &token);
    workshop.clock.advance(Duration::from_mins(1));
    assert!(workshop.verifier.verify(&token).is_ok(), "its time has come");
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    let workshop = Workshop::new();
    let others = ["", "Daybook", "daybook ", "daybook.evil.example", "other"];
    for other in others.map(|other| json!(other)).into_iter().chain([json!(null), json!(1), json!({})]) {
        for name in ["aud", "iss"] {
            let token = workshop.saying(|claims| claims[name] = other.clone());
            workshop.refuses(&format!("{name} {other}"), &token);
        }
    }
    for name in ["aud", "iss"] {
        let token = workshop.saying(|claims| drop(claims.as_object_mut().unwrap().remove(name)));
        workshop.refuses(&format!("without {name}"), &token);
    }
    workshop.refuses("for several", &workshop.saying(|claims| claims["aud"] = json!(["other", "daybook"])));
    workshop.refuses("by several", &workshop.saying(|claims| claims["iss"] = json!(["other", "daybook"])));
}

#[test]
fn a_token_of_nobody_is_refused() {
    let workshop = Workshop::new();
    let nobodies = [json!(""), json!("0"), json!("-1"), json!("x"), json!(7), json!(null), json!("7 ")];
    for sub in nobodies {
        let token = workshop.saying(|claims| claims["sub"] = sub.clone());
        workshop.refuses(&format!("sub {sub}"), &token);
    }
    for role in [json!("root"), json!(""), json!(null), json!(["admin"])] {
        let token = workshop.saying(|claims| claims["role"] = role.clone());
        workshop.refuses(&format!("role {role}"), &token);
    }
    for name in ["sub", "sid", "gen", "role", "iat"] {
        let token = workshop.saying(|claims| drop(claims.as_object_mut().unwrap().remove(name)));
        workshop.refuses(&format!("without {name}"), &token);
    }
}

#[test]
fn what_is_no_object_says_nothing() {
    let workshop = Workshop::new();
    for said in [json!(null), json!([]), json!("daybook"), json!(1)] {
        workshop.refuses("no object", &workshop.signed(&header(), &said));
        workshop.refuses("no header", &workshop.signed(&said, &Value::Null));
    }
    for odd in ["", ".", "..", "...", "a.b.c", "ї.ї.ї", "null", &"x.".repeat(1_000)] {
        workshop.refuses("no token", odd);
    }
    let claims = encoded(json!(workshop.claims()).to_string());
    workshop.refuses("no JSON", &format!("{}.{claims}.{}", encoded("{\"alg\""), encoded([0; 64])));
}
