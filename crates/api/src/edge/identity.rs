//! Who a request comes from.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use types::{Caller, Error, Text, UserId};

use super::Side;
use crate::problem::Failure;
use crate::{Verifier, texts};

/// The header that tells a service which user the gateway verified.
pub const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// What is known of who asks. Routes that need nobody ignore a bad token, and so it is no refusal yet.
#[derive(Debug, Clone, Copy)]
pub enum Identity {
    /// They did not say.
    Nobody,
    /// Their token was verified.
    Caller(Caller),
    /// Their token was not, and this is what to tell them where one is needed.
    Refused(Text),
}

impl Identity {
    /// The user, if known.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Caller(caller) => Some(caller.user),
            Self::Nobody | Self::Refused(_) => None,
        }
    }
}

/// Who sent these headers.
pub fn of(headers: &HeaderMap, side: Side, verifier: &Verifier) -> Result<Identity, Failure> {
    let identity = match headers.get(AUTHORIZATION).map(|value| bearer(value.as_bytes())) {
        None => Identity::Nobody,
        Some(None) => Identity::Refused(texts::SIGN_IN),
        Some(Some(token)) => {
            verifier.verify(token).map_or_else(Identity::Refused, |grant| Identity::Caller(grant.caller))
        }
    };
    // The gateway passes the token on: a name without it is somebody who reached us past the gateway.
    let borne_out = |claimed: &HeaderValue| {
        let claimed = claimed.to_str().ok().and_then(|text| text.parse::<UserId>().ok());
        claimed.is_some() && claimed == identity.user()
    };
    if side == Side::Inner && !headers.get_all(X_USER_ID).iter().all(borne_out) {
        return Err(Error::Unauthenticated(texts::WRONG_USER).into());
    }
    Ok(identity)
}

/// The token that these headers bear.
pub fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes()))
}

pub(super) fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
