//! Where codes are exchanged, each once, by whoever asked for it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::desk::{Desk, Given, pairs};
use super::{Brand, CLIENT_ID, CLIENT_SECRET, Twist, id_token};

pub async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    desk.count("token");
    if let Some(trouble) = trouble(&desk).await {
        return trouble;
    }
    let form = pairs(&body);
    if !is_client(desk.brand, &headers, &form) {
        return desk.refuse(StatusCode::UNAUTHORIZED, "invalid_client", "the client is not who it says");
    }
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let given = match said("grant_type") {
        "authorization_code" => desk.take_code(said("code")),
        "refresh_token" if desk.brand == Brand::Vk => {
            desk.count("refresh");
            desk.take_token(said("refresh_token"))
        }
        _ => return desk.refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "no such grant"),
    };
    let Some(given) = given else { return invalid(&desk, "the code or token is unknown or used") };
    if let Some(why) = wrong(&desk, &given, &form) {
        return invalid(&desk, why);
    }
    Json(tokens(&desk, &given, said("grant_type") == "refresh_token")).into_response()
}

/// VK ID refuses with a success.
fn invalid(desk: &Desk, why: &str) -> Response {
    let status = if desk.brand == Brand::Vk { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    desk.refuse(status, "invalid_grant", why)
}

fn wrong(desk: &Desk, given: &Given, form: &HashMap<String, String>) -> Option<&'static str> {
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let fresh = said("grant_type") == "authorization_code";
    let proved = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(said("code_verifier"))) == given.challenge;
    let vk = desk.brand == Brand::Vk;
    let checks = [
        (!fresh || said("redirect_uri") == desk.redirect_uri, "another redirect_uri"),
        (
            !fresh || (43..=128).contains(&said("code_verifier").len()),
            "code_verifier is too short or too long",
        ),
        (!fresh || proved, "code_verifier does not fit code_challenge"),
        (!vk || said("device_id") == given.device, "another device_id"),
        (!vk || said("state") == given.state, "another state"),
    ];
    checks.into_iter().find(|(good, _)| !good).map(|(_, why)| why)
}

fn tokens(desk: &Desk, given: &Given, renewed: bool) -> Value {
    let of = if desk.does(Twist::TokenIsOver) && !renewed { "over" } else { "access" };
    let mut answer = json!({
        "access_token": desk.give_token(of, given),
        "token_type": "Bearer",
        "expires_in": 3600,
    });
    if desk.brand.has_discovery() && !desk.does(Twist::NoIdToken) {
        answer["id_token"] = id_token::signed(desk, given).into();
    }
    if desk.brand == Brand::Vk {
        answer["refresh_token"] = desk.give_token("refresh", given).into();
        let state = if desk.does(Twist::OtherState) { "another" } else { &given.state };
        answer["state"] = state.into();
        let other = desk.does(Twist::OtherUser);
        answer["user_id"] =
            if other { 7.into() } else { given.person.subject.parse::<u64>().expect("a number").into() };
    }
    answer
}

/// Providers of OpenID Connect take the secret in the header alone, the others in the form alone; VK ID's client is
/// public, and one that sends a secret gives it away.
fn is_client(brand: Brand, headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (id, secret) =
        (form.get("client_id").map(String::as_str), form.get("client_secret").map(String::as_str));
    match brand {
        Brand::Google | Brand::Oidc => {
            let basic = header.and_then(|value| value.strip_prefix("Basic "));
            let pair = basic.and_then(|text| BASE64_STANDARD.decode(text).ok());
            let pair = pair.and_then(|pair| String::from_utf8(pair).ok()).unwrap_or_default();
            let (id, given) = pair.split_once(':').unwrap_or_default();
            let decoded = |text: &str| pairs(&format!("it={text}")).remove("it").unwrap_or_default();
            decoded(id) == CLIENT_ID && decoded(given) == CLIENT_SECRET && secret.is_none()
        }
        Brand::Facebook | Brand::Yandex => id == Some(CLIENT_ID) && secret == Some(CLIENT_SECRET),
        Brand::Vk => id == Some(CLIENT_ID) && secret.is_none() && header.is_none(),
    }
}

async fn trouble(desk: &Desk) -> Option<Response> {
    if desk.does(Twist::TokenSlow) {
        std::future::pending::<()>().await;
    }
    if desk.does(Twist::TokenMoved) {
        let elsewhere = [(LOCATION, format!("{}/moved", desk.url))];
        return Some((StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response());
    }
    let page = "<html>Something went wrong</html>";
    match () {
        () if desk.does(Twist::TokenDown) => Some((StatusCode::INTERNAL_SERVER_ERROR, page).into_response()),
        () if desk.does(Twist::TokenPage) => Some(page.into_response()),
        () if desk.does(Twist::TokenHuge) => Some(Body::from(vec![b' '; 1 << 20]).into_response()),
        () => None,
    }
}
