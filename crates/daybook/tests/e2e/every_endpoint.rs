//! Each operation of the interface without the right to it.

use std::collections::BTreeSet;

use daybook::domains::openapi;
use serde_json::Value;

use super::house::House;

/// Operations that need nobody, or prove by themselves who asks. This list only shrinks.
const OPEN: [&str; 28] = [
    "GET /.well-known/ended-sessions",
    "GET /.well-known/jwks.json",
    "GET /api/auth/oauth/{provider}",
    "GET /api/auth/oauth/{provider}/callback",
    "GET /api/v1/doors",
    "GET /auth/oauth/{provider}",
    "GET /auth/oauth/{provider}/callback",
    "POST /api/auth/confirm-reset-password",
    "POST /api/auth/login",
    "POST /api/auth/login-code",
    "POST /api/auth/register",
    "POST /api/auth/reset-password",
    "POST /api/auth/verify-code",
    "POST /api/v1/accounts",
    "POST /api/v1/first-administrator",
    "POST /auth",
    "POST /auth/confirm-reset-password",
    "POST /auth/known",
    "POST /auth/login",
    "POST /auth/login-code",
    "POST /auth/register",
    "POST /auth/renew",
    "POST /auth/reset-password",
    "POST /auth/seen",
    "POST /auth/verify-code",
    "POST /login",
    "POST /register",
    "POST /signup",
];

/// Every operation, as method and path.
pub fn operations() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&openapi().to_json().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap().clone();
    let is_method = |name: &String| {
        ["get", "put", "post", "delete", "options", "head", "patch", "trace"].contains(&name.as_str())
    };
    let of = |(path, item): (String, Value)| {
        let methods: Vec<String> =
            item.as_object().unwrap().keys().filter(|name| is_method(name)).cloned().collect();
        methods.into_iter().map(move |method| (method.to_uppercase(), path.clone()))
    };
    paths.into_iter().flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_needs_a_caller() {
    let house = House::new().await;
    let mut open = BTreeSet::new();
    for (method, path) in operations() {
        let concrete = path.replace("{id}", "17").replace("{provider}", "google");
        assert!(!concrete.contains('{'), "{path}: say here what stands for its parameter");
        for client in [&*house, &house.bearing("null")] {
            let answer = client.send(&method, &concrete, "application/json", "{}").await;
            if answer.status != 401 {
                open.insert(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(open.iter().map(String::as_str).collect::<Vec<_>>(), OPEN);
    assert_eq!(house.rows().await, 0);
}
