//! Asking for a code, as the older clients do: in the rooms `/auth/…` and `/api/auth/…`.

use std::convert::Infallible;

use api::edge::ClientIp;
use api::{Failure, LooseJson, Problems};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use types::check::{Checks, REQUIRED};
use types::{FieldError, Language, Result, Text, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Codes, Whither};
use crate::{Asking, Reason, Target};

const UNKNOWN_REASON: Text = Text {
    code: "unknown_reason",
    en: "write verify, register, reset or login",
    uk: "напишіть verify, register, reset або login",
    ru: "напишите verify, register, reset или login",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Codes> {
    OpenApiRouter::new().nest("/auth", room()).nest("/api/auth", room())
}

/// What is to be found in both rooms.
fn room() -> OpenApiRouter<Codes> {
    OpenApiRouter::new().routes(routes!(verify_code))
}

/// Get a code by mail or as a text message
#[utoipa::path(post, path = "/verify-code", tag = "account", request_body = Wanted, responses((status = 200, body = Sent), Problems))]
async fn verify_code(
    State(codes): State<Codes>,
    Asks(asking): Asks,
    LooseJson(wanted): LooseJson<Wanted>,
) -> Result<Json<Sent>, Failure> {
    let (target, reason) = wanted.taken()?;
    let otp_expires_at = codes.ask(&target, reason, &asking).await?;
    Ok(Json(Sent { otp_expires_at }))
}

/// Whoever asks, as far as a letter tells of them.
struct Asks(Asking);

impl<S: Sync> FromRequestParts<S> for Asks {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let language = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let address = parts.extensions.get::<ClientIp>().map(|ClientIp(address)| address.to_string());
        Ok(Self(Asking {
            address: address.unwrap_or_default(),
            language: language.map_or_else(Language::default, Language::accepted),
        }))
    }
}

/// Where a code shall go and what for, in the words of any of the older clients.
#[derive(Deserialize, ToSchema)]
struct Wanted {
    email: Option<String>,
    phone_number: Option<String>,
    /// `email` or `phone`, when it is said with `address`.
    r#type: Option<String>,
    address: Option<String>,
    /// `verify`, `register`, `reset` or `login`.
    reason: Option<String>,
}

impl Wanted {
    fn taken(self) -> Result<(Target, Reason)> {
        let Self { email, phone_number, r#type, address, reason } = self;
        let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let mut checks = Checks::default();
        let whither = Whither { email, phone_number, kind: r#type, address };
        let target = checks.take(whither.target());
        let reason = checks.take(reason_of(said(reason).as_deref()));
        checks.done()?;
        let taken = target.zip(reason);
        taken.ok_or_else(|| types::Error::internal("a check passed over what is missing"))
    }
}

fn reason_of(text: Option<&str>) -> Result<Reason, FieldError> {
    match text.map(str::trim) {
        None => Err(FieldError::new("reason", REQUIRED)),
        Some("verify") => Ok(Reason::Verify),
        Some("register") => Ok(Reason::Register),
        Some("reset") => Ok(Reason::Reset),
        Some("login") => Ok(Reason::Login),
        Some(_) => Err(FieldError::new("reason", UNKNOWN_REASON)),
    }
}

/// A code is on its way, or it looks like it.
#[derive(Serialize, ToSchema)]
struct Sent {
    #[schema(value_type = String, format = DateTime)]
    otp_expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(json: &str) -> Wanted {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_address_is_found_in_the_words_of_any_client() {
        let anna = Target::Email("anna@example.org".into());
        let phone = Target::Phone("+380501234567".into());
        for (json, target) in [
            (r#"{"email": " Anna@Example.org ", "reason": "register"}"#, &anna),
            (r#"{"type": "email", "address": "anna@example.org", "reason": "register"}"#, &anna),
            (r#"{"address": "anna@example.org", "reason": " register "}"#, &anna),
            (r#"{"email": "", "phone_number": "+380 50 123 45 67", "reason": "register"}"#, &phone),
            (r#"{"type": "phone", "address": "+380501234567", "reason": "register"}"#, &phone),
        ] {
            assert_eq!(wanted(json).taken().unwrap(), (target.clone(), Reason::Register), "{json}");
        }
    }

    #[test]
    fn every_field_that_cannot_be_taken_is_named_at_once() {
        for (json, fields) in [
            ("{}", &[("email", "required"), ("reason", "required")][..]),
            (r#"{"email": "anna", "reason": "verify"}"#, &[("email", "no_address")]),
            (r#"{"email": "+380501234567", "reason": "verify"}"#, &[("email", "no_address")]),
            (
                r#"{"phone_number": "anna@example.org", "reason": "verify"}"#,
                &[("phone_number", "no_address")],
            ),
            (
                r#"{"type": "phone", "address": "anna@example.org", "reason": "fun"}"#,
                &[("type", "no_address"), ("reason", "unknown_reason")],
            ),
            (
                r#"{"type": "pigeon", "address": "anna@example.org", "reason": "login"}"#,
                &[("type", "no_address")],
            ),
            (
                r#"{"email": "anna@example.org\r\nBcc: eve@example.org", "reason": "login"}"#,
                &[("email", "bad_email")],
            ),
        ] {
            let Err(types::Error::Invalid(errors)) = wanted(json).taken() else { panic!("{json} was taken") };
            let found: Vec<_> = errors.iter().map(|error| (&*error.field, error.message.text.code)).collect();
            assert_eq!(found, fields, "{json}");
        }
    }
}
