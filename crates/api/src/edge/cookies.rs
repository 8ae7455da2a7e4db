//! Requests that say by cookie who they come from: who may, and renewal in passing.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE, UPGRADE};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use types::{Error, Result};

use super::identity::{Identity, bearer_of};
use super::origin::{X_FORWARDED_HOST, is_encrypted};
use crate::problem::Failure;
use crate::{Verifier, cookie, texts};

/// The header with a fresh access token, for clients that keep theirs themselves.
pub const NEW_ACCESS_TOKEN: HeaderName = HeaderName::from_static("new-access-token");
/// An access token that ends sooner than this is renewed.
const SOON: i64 = 60;

/// Where access tokens are renewed. The refresh token stays as it is, so that parallel requests cannot race.
#[async_trait]
pub trait Renewal: Send + Sync {
    /// A fresh access token for the session of this refresh token; none when it is good for nothing.
    async fn renew(&self, refresh_token: &str) -> Result<Option<String>>;
}

/// How cookies count at an edge.
pub struct Cookies {
    /// Origins whose pages may use them, beside our own.
    pub origins: Vec<String>,
    /// How long a client keeps them.
    pub lifetime: Duration,
    /// Where access tokens are renewed.
    pub renewal: Box<dyn Renewal>,
    /// Paths that are the same for everybody, or where people say who they are: nothing is renewed there.
    pub public: fn(&str) -> bool,
}

/// What came of looking at the cookies.
pub struct Looked {
    /// Who asks.
    pub identity: Identity,
    /// What their answer brings them.
    pub brings: Vec<(HeaderName, HeaderValue)>,
}

impl Looked {
    /// Somebody, and nothing for them.
    pub const fn only(identity: Identity) -> Self {
        Self { identity, brings: Vec::new() }
    }
}

impl Cookies {
    /// Who asks, when what they say by header does not suffice.
    pub async fn look(
        &self,
        parts: &mut Parts,
        said: Identity,
        verifier: &Verifier,
    ) -> std::result::Result<Looked, Failure> {
        let (access, refresh) =
            (cookie::get(&parts.headers, cookie::ACCESS), cookie::get(&parts.headers, cookie::REFRESH));
        if access.is_none() && refresh.is_none() {
            return Ok(Looked::only(said));
        }
        if self.is_foreign(parts) {
            // Who has a token of their own needs no cookie; whoever has not, is a page that only borrows one.
            let Identity::Caller(_) = said else { return Err(Error::Forbidden(texts::CROSS_SITE).into()) };
            parts.headers.remove(COOKIE);
            return Ok(Looked::only(said));
        }
        if let Some(token) = access {
            verifier.learn(token).await;
        }
        let lasting =
            |token: &str| verifier.verify(token).ok().filter(|grant| grant.expires > verifier.now() + SOON);
        if let Identity::Caller(_) = said
            && bearer_of(&parts.headers).is_some_and(|token| lasting(token).is_some())
        {
            return Ok(Looked::only(said));
        }
        if let Some((token, grant)) = access.and_then(|token| Some((token.to_owned(), lasting(token)?))) {
            bear(&mut parts.headers, &token);
            return Ok(Looked::only(Identity::Caller(grant.caller)));
        }
        let Some(refresh) = refresh.filter(|_| !(self.public)(parts.uri.path())).map(str::to_owned) else {
            return Ok(Looked::only(said));
        };
        let by_cookie = access.is_some();
        self.renew(parts, said, &refresh, by_cookie, verifier).await
    }

    async fn renew(
        &self,
        parts: &mut Parts,
        said: Identity,
        refresh: &str,
        by_cookie: bool,
        verifier: &Verifier,
    ) -> std::result::Result<Looked, Failure> {
        let renewed = match self.renewal.renew(refresh).await {
            // A token that still counts is enough for this request.
            Err(_) if matches!(said, Identity::Caller(_)) => None,
            renewed => renewed?,
        };
        if let Some(token) = &renewed {
            verifier.learn(token).await;
        }
        let grant = renewed.as_deref().and_then(|token| verifier.verify(token).ok());
        let (Some(token), Some(grant)) = (renewed, grant) else {
            return Ok(Looked::only(said));
        };
        // Two people in one browser: the header says who is meant.
        if said.user().is_some_and(|user| user != grant.caller.user) {
            return Ok(Looked::only(said));
        }
        let mut brings: Vec<_> =
            HeaderValue::from_str(&token).map(|it| (NEW_ACCESS_TOKEN, it)).into_iter().collect();
        if by_cookie {
            let encrypted = is_encrypted(&parts.headers);
            let fresh = cookie::set(cookie::ACCESS, &token, self.lifetime, encrypted);
            brings.extend(fresh.map(|cookie| (SET_COOKIE, cookie)));
        }
        bear(&mut parts.headers, &token);
        Ok(Looked { identity: Identity::Caller(grant.caller), brings })
    }

    /// Whether this may have been sent by a page of somebody else's: browsers say so, and others have no cookies.
    fn is_foreign(&self, parts: &Parts) -> bool {
        // Browsers ask nobody before they open a web socket to another site: a page reads what it is told there.
        let reads_only = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if reads_only && !parts.headers.contains_key(UPGRADE) {
            return false;
        }
        let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let Some(origin) = text(ORIGIN.as_str()) else {
            return matches!(text("sec-fetch-site"), Some("cross-site" | "same-site"));
        };
        // HTTP/2 says in the address what HTTP/1.1 says in `Host`.
        let named = || parts.uri.authority().map(Authority::as_str);
        let own = text(X_FORWARDED_HOST.as_str()).or_else(|| text(HOST.as_str())).or_else(named);
        let own = own.unwrap_or_default();
        let is_own = origin.split_once("://").is_some_and(|(_, authority)| authority == own);
        !is_own && !self.origins.iter().any(|known| known == origin)
    }
}

/// What is behind reads the token where it always does.
fn bear(headers: &mut HeaderMap, token: &str) {
    if let Ok(value) = HeaderValue::try_from(format!("Bearer {token}")) {
        headers.insert(AUTHORIZATION, value);
    }
}
