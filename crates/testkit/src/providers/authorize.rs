//! Where browsers come to: the person is signed in there already, and agrees unless told otherwise.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::Url;

use super::desk::{Desk, Given, pairs};
use super::{Brand, CLIENT_ID, Twist};

pub async fn authorize(State(desk): State<Arc<Desk>>, RawQuery(query): RawQuery) -> Response {
    desk.count("authorize");
    let asked = pairs(&query.unwrap_or_default());
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    // Without these two nobody may be sent anywhere.
    if said("client_id") != CLIENT_ID || said("redirect_uri") != desk.redirect_uri {
        return desk.refuse(StatusCode::BAD_REQUEST, "invalid_request", "another client or redirect_uri");
    }
    if let Some(why) = wrong(&desk, &asked) {
        return desk.refuse(StatusCode::BAD_REQUEST, "invalid_request", why);
    }
    let mut back = Url::parse(&desk.redirect_uri).expect("the redirect_uri");
    if desk.does(Twist::Denies) || desk.does(Twist::IsBusy) {
        let error = if desk.does(Twist::Denies) { "access_denied" } else { "temporarily_unavailable" };
        back.query_pairs_mut().append_pair("error", error).append_pair("state", said("state"));
        return (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response();
    }
    let device = desk.word("device");
    let given =
        Given::new(desk.person(), said("code_challenge"), said("state"), asked.get("nonce"), device.clone());
    let code = desk.give_code(given);
    let mut come_back = back.query_pairs_mut();
    if desk.does(Twist::Wraps) {
        let payload =
            json!({"type": "code_v2", "code": code, "state": said("state"), "device_id": device, "ttl": 600});
        come_back.append_pair("payload", &payload.to_string());
    } else {
        come_back.append_pair("code", &code).append_pair("state", said("state"));
        if desk.brand == Brand::Vk {
            come_back.append_pair("type", "code_v2").append_pair("device_id", &device);
        }
    }
    if desk.does(Twist::ForeignReturn) {
        come_back.append_pair("iss", "https://other.example");
    } else if desk.brand == Brand::Oidc && !desk.does(Twist::NamelessReturn) {
        come_back.append_pair("iss", &desk.url);
    }
    drop(come_back);
    (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response()
}

fn wrong(desk: &Desk, asked: &HashMap<String, String>) -> Option<&'static str> {
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let scopes: Vec<&str> = said("scope").split(' ').collect();
    let checks = [
        (said("response_type") == "code", "response_type is not code"),
        (said("code_challenge_method") == "S256", "code_challenge_method is not S256"),
        (said("code_challenge").len() == 43, "code_challenge is not one of S256"),
        (!said("state").is_empty(), "there is no state"),
        (desk.brand != Brand::Vk || said("state").len() >= 32, "state has less than 32 characters"),
        (!desk.brand.has_discovery() || scopes.contains(&"openid"), "scope has no openid"),
        (!desk.brand.has_discovery() || said("nonce").len() >= 16, "there is no nonce"),
        (!asked.contains_key("client_secret"), "the secret stands in an address"),
    ];
    checks.into_iter().find(|(good, _)| !good).map(|(_, why)| why)
}
