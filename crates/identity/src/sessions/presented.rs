//! What a request shows of its client: where it comes from, and which refresh token it brings.

use std::convert::Infallible;

use api::edge::{Asked, bearer_of, is_encrypted};
use api::{LooseJson, cookie};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Client;

/// A client at one of the doors.
pub struct Visit {
    /// Who they say they are, and where they call from.
    pub client: Client,
    /// Whether a page of another origin, or one of ours, sent this: its scripts need not see refresh tokens.
    pub from_page: bool,
    /// Whether the connection is encrypted, as far as a proxy says so.
    pub encrypted: bool,
    bearer: Option<String>,
}

/// A refresh token in a body; clients may write `Bearer` before it.
#[derive(Default, Deserialize, ToSchema)]
pub struct Presented {
    refresh_token: Option<String>,
}

/// A refresh token, and whether it came by cookie.
pub struct Found {
    /// The token.
    pub token: String,
    /// A client that sent it by cookie gets the next one by cookie.
    pub by_cookie: bool,
}

impl Visit {
    /// The refresh token: from the body, as bearer, or from the cookie.
    pub fn refresh_token(&self, body: Option<LooseJson<Presented>>) -> Option<Found> {
        let by_body = body.and_then(|LooseJson(body)| body.refresh_token);
        // An access token has two dots; it says who asks, and renews nothing.
        let said = by_body.or_else(|| self.bearer.clone().filter(|token| !token.contains('.')));
        match said {
            Some(token) => Some(Found { token, by_cookie: false }),
            None => self.client.cookie.clone().map(|token| Found { token, by_cookie: true }),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers: &HeaderMap = &parts.headers;
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let address = Asked::of(&parts.extensions).map(|asked| asked.client.0.to_string());
        Ok(Self {
            client: Client {
                agent: agent.to_owned(),
                address: address.unwrap_or_default(),
                cookie: cookie::get(headers, cookie::REFRESH).map(str::to_owned),
            },
            from_page: headers.contains_key(ORIGIN),
            encrypted: is_encrypted(headers),
            bearer: bearer_of(headers).map(str::to_owned),
        })
    }
}
