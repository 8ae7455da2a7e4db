//! Where it is said who somebody is, in each provider's own words.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::desk::{Desk, Person, pairs};
use super::{Brand, CLIENT_ID, CLIENT_SECRET, Twist};

pub async fn by_get(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let scheme = if desk.brand == Brand::Yandex { "OAuth " } else { "Bearer " };
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(token) = header.strip_prefix(scheme).filter(|_| desk.brand != Brand::Vk) else {
        return desk.refuse(StatusCode::UNAUTHORIZED, "invalid_token", "another authorization scheme");
    };
    let asked = pairs(&query.unwrap_or_default());
    if desk.brand == Brand::Facebook && asked.get("appsecret_proof") != Some(&proof(token)) {
        let error = json!({"error": {"message": "Invalid appsecret_proof", "type": "GraphMethodException", "code": 100}});
        desk.refuse(StatusCode::BAD_REQUEST, "invalid_request", "another appsecret_proof");
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    answer(&desk, token)
}

pub async fn by_post(State(desk): State<Arc<Desk>>, body: String) -> Response {
    let form = pairs(&body);
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if desk.brand != Brand::Vk || said("client_id") != CLIENT_ID {
        return desk.refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "nothing is posted here, or by another client",
        );
    }
    answer(&desk, said("access_token"))
}

fn answer(desk: &Desk, token: &str) -> Response {
    desk.count("profile");
    if desk.does(Twist::ProfileDown) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if desk.does(Twist::ProfilePage) {
        return "<html>Sign in</html>".into_response();
    }
    match desk.token(token).filter(|_| token.starts_with("access-")) {
        Some(given) => Json(said(desk, &given.person)).into_response(),
        None => desk.refuse(StatusCode::UNAUTHORIZED, "invalid_token", "the token is unknown or over"),
    }
}

fn said(desk: &Desk, person: &Person) -> Value {
    let Person { subject, email, email_verified, name } = person;
    let mut said = match desk.brand {
        Brand::Google | Brand::Oidc => {
            let subject = if desk.does(Twist::OtherSubject) { "somebody else" } else { subject };
            json!({"sub": subject, "name": name, "email_verified": email_verified})
        }
        Brand::Facebook => json!({"id": subject, "name": name}),
        Brand::Vk => {
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            let mut user =
                json!({"user_id": subject, "first_name": first, "last_name": last, "verified": true});
            if let Some(email) = email {
                user["email"] = email.as_str().into();
            }
            return json!({"user": user});
        }
        Brand::Yandex => {
            let client = if desk.does(Twist::OtherClient) { "another" } else { CLIENT_ID };
            json!({"id": subject, "login": "anna", "client_id": client, "real_name": name, "default_email": email})
        }
    };
    if let (Some(email), true) = (email, desk.brand != Brand::Yandex) {
        said["email"] = email.as_str().into();
    }
    said
}

/// What Facebook computes of the secret and the token.
fn proof(token: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).expect("any key is one");
    mac.update(token.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
