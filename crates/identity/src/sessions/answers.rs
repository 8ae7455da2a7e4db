//! What signing in and out is answered with: one union for the clients of every document, and the cookies.

use api::cookie::{self, ACCESS, REFRESH};
use api::{Ending, Failure};
use axum::Json;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use types::{Role, SessionId, Timestamp, UserId};
use utoipa::ToSchema;

use super::minting::{Minting, Tokens};
use super::presented::Visit;
use super::{Session, Sessions};
use crate::Account;

/// Who signed in, and how they prove it from now on.
#[derive(Serialize, ToSchema)]
pub struct Welcome {
    #[serde(flatten)]
    pair: Pair,
    user: User,
    #[schema(value_type = u64)]
    id: UserId,
    name: String,
    #[schema(value_type = String)]
    role_name: Role,
}

/// Who signed in.
#[derive(Serialize, ToSchema)]
struct User {
    #[schema(value_type = u64)]
    id: UserId,
    email: Option<String>,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct Pair {
    access_token: String,
    /// The access token again, for clients that read it here.
    token: String,
    /// The refresh token, where the client does not keep it as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
}

/// A place where a person is signed in.
#[derive(Serialize, ToSchema)]
pub struct Place {
    #[schema(value_type = u64)]
    id: SessionId,
    /// The id again, for clients that read it here.
    #[schema(value_type = u64)]
    jti: SessionId,
    /// What the client calls itself.
    device: String,
    /// Where it called from last.
    address: String,
    /// Whether it is the one that asks.
    current: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was renewed last.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What ended lately.
#[derive(Serialize, ToSchema)]
pub struct News {
    /// Each, as long as an access token could know nothing of it.
    pub ended: Vec<Ending>,
}

/// What a client that signs in is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Both tokens.
    All,
    /// The refresh token by cookie alone where a page asks, since its scripts could be somebody else's.
    Usual,
    /// As usual, and the access token by cookie too.
    Access,
}

/// A refusal that takes the cookies away from the client.
pub struct Refused(HeaderMap, Failure);

impl Place {
    pub fn new(session: Session, asking: SessionId) -> Self {
        let Session { id, agent, address, created_at, seen_at, expires_at, .. } = session;
        Self {
            id,
            jti: id,
            device: agent,
            address,
            current: id == asking,
            created_at,
            last_seen_at: seen_at,
            expires_at,
        }
    }
}

impl Pair {
    fn new(tokens: &Tokens, shows_refresh: bool) -> Self {
        Self {
            access_token: tokens.access.clone(),
            token: tokens.access.clone(),
            refresh_token: shows_refresh.then(|| tokens.refresh.clone()),
            token_type: "Bearer",
            expires_in: tokens.lifetime.as_secs(),
        }
    }
}

impl Sessions {
    /// The answer to signing in, with its cookies.
    pub fn welcome(
        &self,
        visit: &Visit,
        account: Account,
        tokens: &Tokens,
        shown: Shown,
    ) -> (HeaderMap, Json<Welcome>) {
        let pair = Pair::new(tokens, shown == Shown::All || !visit.from_page);
        let Account { id, email, name, role, .. } = account;
        let welcome = Welcome { pair, user: User { id, email }, id, name, role_name: role };
        let mut kept = vec![(REFRESH, tokens.refresh.as_str())];
        kept.extend((shown == Shown::Access).then_some((ACCESS, tokens.access.as_str())));
        (self.kept(visit, &kept), Json(welcome))
    }

    /// The answer to renewing.
    pub(super) fn renewed(
        &self,
        visit: &Visit,
        tokens: &Tokens,
        shows_refresh: bool,
    ) -> (HeaderMap, Json<Pair>) {
        (self.kept(visit, &[(REFRESH, &tokens.refresh)]), Json(Pair::new(tokens, shows_refresh)))
    }

    /// Cookies with these values.
    pub fn kept(&self, visit: &Visit, values: &[(&str, &str)]) -> HeaderMap {
        let Minting { ttl, secure, .. } = self.minting;
        let secure = secure || visit.encrypted;
        headers(values.iter().filter_map(|(name, value)| cookie::set(name, value, ttl, secure)))
    }

    /// Both cookies, taken away.
    pub(super) fn forgotten(&self, visit: &Visit) -> HeaderMap {
        let secure = self.minting.secure || visit.encrypted;
        headers([REFRESH, ACCESS].iter().filter_map(|name| cookie::clear(name, secure)))
    }

    /// This failure, and if nobody knows who asks, no more cookies.
    pub(super) fn refusal(&self, visit: &Visit, failure: impl Into<Failure>) -> Refused {
        let failure = failure.into();
        let unknown = failure.status() == axum::http::StatusCode::UNAUTHORIZED;
        Refused(if unknown { self.forgotten(visit) } else { HeaderMap::new() }, failure)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        for cookie in self.0.get_all(SET_COOKIE) {
            response.headers_mut().append(SET_COOKIE, cookie.clone());
        }
        response
    }
}

fn headers(cookies: impl Iterator<Item = HeaderValue>) -> HeaderMap {
    cookies.fold(HeaderMap::new(), |mut headers, value| {
        headers.append(SET_COOKIE, value);
        headers
    })
}
