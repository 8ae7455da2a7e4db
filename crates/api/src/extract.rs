//! What handlers take from a request. Whatever cannot be taken is a problem that says what to do.

mod body;

use std::str::FromStr;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use types::{Caller, Error};

pub use self::body::whole_body;
pub(crate) use self::body::{discard, too_large};
use crate::edge::{Asked, Identity};
use crate::problem::Failure;
use crate::texts;

/// The caller, on routes that need one.
#[derive(Debug, Clone, Copy)]
pub struct Signed(pub Caller);

impl<S: Sync> FromRequestParts<S> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match Asked::of(&parts.extensions).map(|asked| asked.identity) {
            Some(Identity::Caller(caller)) => Ok(Self(caller)),
            Some(Identity::Refused(text)) => Err(Error::Unauthenticated(text).into()),
            Some(Identity::Nobody) | None => Err(Error::Unauthenticated(texts::SIGN_IN).into()),
        }
    }
}

/// The one id in the path.
#[derive(Debug)]
pub struct PathId<I>(pub I);

impl<S: Send + Sync, I: FromStr> FromRequestParts<S> for PathId<I> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(|| Failure::bad_request(texts::BAD_ID))
    }
}

/// The two ids in the path, in their order.
#[derive(Debug)]
pub struct PathIds<A, B>(pub A, pub B);

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await;
        let ids =
            texts.ok().and_then(|Path((one, other))| Some(Self(one.parse().ok()?, other.parse().ok()?)));
        ids.ok_or_else(|| Failure::bad_request(texts::BAD_ID))
    }
}

/// The query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => {
                let said = std::error::Error::source(&rejection)
                    .map_or_else(|| rejection.to_string(), ToString::to_string);
                Err(Failure::bad_request(texts::BAD_QUERY.with([&said])))
            }
        }
    }
}

/// A JSON body that calls itself so.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        read_json(request).await.map(|(body, _)| Self(body))
    }
}

/// A JSON body that calls itself so, and the same as it was sent.
pub(crate) async fn read_json<T: DeserializeOwned>(request: Request) -> Result<(T, Bytes), Failure> {
    let named = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let essence = named.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
        return Err(Failure::Http(StatusCode::UNSUPPORTED_MEDIA_TYPE, texts::WANTS_JSON.into()));
    }
    body::read(request).await
}

/// A JSON body whatever it calls itself: older clients do not say.
#[derive(Debug)]
pub struct LooseJson<T>(pub T);

impl<S: Sync, T: DeserializeOwned> OptionalFromRequest<S> for LooseJson<T> {
    type Rejection = Failure;

    /// None when there is no body.
    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, Failure> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        body::read(request).await.map(|(body, _)| Some(Self(body)))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for LooseJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        body::read(request).await.map(|(body, _)| Self(body))
    }
}
