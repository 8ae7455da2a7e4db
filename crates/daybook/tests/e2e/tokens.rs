//! Tokens that will not do, on a path that needs one.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::house::House;

const ME: &str = "/api/v1/me";

/// A part of a token, changed.
fn forged(token: &str, part: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut json: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    change(&mut json);
    parts[part] = BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    parts.join(".")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_garbled_token_is_refused() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let signature = anna.token.rfind('.').unwrap();
    let garbled = [
        "null".to_owned(),
        "undefined".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "ї".to_owned(),
        "x".repeat(5_000),
        anna.token[..signature].to_owned(),
        anna.token[..=signature].to_owned(),
        format!("{}x", anna.token),
        anna.token.to_lowercase(),
        anna.token.replace('.', ":"),
        forged(&anna.token, 0, |header| header["alg"] = json!("none")),
        forged(&anna.token, 0, |header| header["alg"] = json!("HS256")),
        forged(&anna.token, 0, |header| header["kid"] = json!("../../etc/passwd")),
        forged(&anna.token, 0, |header| drop(header.as_object_mut().unwrap().remove("kid"))),
        forged(&anna.token, 1, |claims| claims["role"] = json!("admin")),
        forged(&anna.token, 1, |claims| claims["sub"] = json!("1")),
        forged(&anna.token, 1, |claims| claims["exp"] = json!(9_999_999_999_u64)),
    ];
    for token in garbled {
        house.bearing(&token).get(ME).await.problem(401, "invalid_token");
    }
    anna.get(ME).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_bearer_is_nobody() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for wrong in [
        "",
        "Bearer",
        &anna.token,
        &format!("Basic {}", anna.token),
        &format!("Bearer{}", anna.token),
        "Basic YTpi",
    ] {
        let refused = house.with("authorization", wrong).get(ME).await;
        refused.problem(401, "unauthenticated");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    for right in [format!("bearer {}", anna.token), format!("BEARER   {}", anna.token)] {
        house.with("authorization", &right).get(ME).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_houses_token_opens_nothing_here() {
    let (here, there) = (House::new().await, House::new().await);
    let (anna, _) = (here.user("anna").await, there.user("anna").await);
    there.bearing(&anna.token).get(ME).await.problem(401, "invalid_token");
    anna.get(ME).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_time() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    house.clock.advance(Duration::from_secs(299));
    anna.get(ME).await.is(200);
    house.clock.advance(Duration::from_secs(1));
    for client in [&*anna, &anna.with("accept-language", "uk")] {
        let problem = client.get(ME).await.problem(401, "expired_token");
        assert!(problem["title"].as_str().unwrap().len() > 20);
    }
    // Paths that need nobody do not care.
    anna.get("/health").await.is(200);
}
