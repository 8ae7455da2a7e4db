//! Who calls, as far as codes and passwords care.

use std::convert::Infallible;

use api::edge::Asked;
use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use types::Language;

use crate::Asking;

/// Somebody at one of the doors.
pub struct Visitor(pub Asking);

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = Asked::of(&parts.extensions).map(|asked| asked.client.0.to_string());
        let language = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = language.map_or_else(Language::default, Language::accepted);
        Ok(Self(Asking { address: address.unwrap_or_default(), language }))
    }
}
