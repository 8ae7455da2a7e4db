//! What browsers and programs are answered before and after the dance.
//!
//! Whoever asks for `application/json` gets JSON. All others are sent on with a 303. What went wrong is a problem, but for
//! browsers (they accept `text/html`), which are sent to our pages with the problem's name: `/app/?error=oauth_denied`.

use std::convert::Infallible;

use api::{Failure, cookie, texts};
use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::{ACCEPT, CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use types::{Error, Result, with_causes};
use utoipa::ToSchema;

use super::dance::LIFETIME;
use super::return_path::HOME;
use super::service::{Leaving, Oauth, Outcome};
use super::texts::NO_PROVIDER;
use crate::done::Done;
use crate::sessions::{Shown, Visit};

/// What a browser carries. The longer name is one that browsers take only from this very host, encrypted: no neighbour
/// under the same domain can plant a dance of its own.
const COOKIE: [&str; 2] = ["oauth", "__Host-oauth"];

/// The provider in the path.
pub struct Named(pub String);

/// How an answer is wanted, and whether another house's page wants it.
pub struct Asked {
    json: bool,
    html: bool,
    /// Whether the browser says that a page of another origin sent it here.
    pub from_elsewhere: bool,
}

/// Where to go on.
#[derive(Serialize, ToSchema)]
pub struct NewPage {
    /// The provider's page, with all that it has to know.
    authorization_url: String,
}

/// The dance that a browser carries.
pub fn carried<'h>(oauth: &Oauth, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie::get(headers, COOKIE[usize::from(oauth.is_encrypted())])
}

impl Asked {
    /// The answer to a browser that leaves.
    pub fn leaves(&self, oauth: &Oauth, left: Result<Leaving, Failure>) -> Response {
        let Leaving { door, carries } = match left {
            Ok(leaving) => leaving,
            Err(failure) => return quiet(self.failed(failure)),
        };
        let name = COOKIE[usize::from(oauth.is_encrypted())];
        let cookie = cookie::set(name, &carries, LIFETIME, oauth.is_encrypted());
        let answer = if self.json {
            Json(NewPage { authorization_url: door }).into_response()
        } else {
            sent_to(&door)
        };
        quiet(with_cookie(answer, cookie))
    }

    /// The answer to a browser that is back. The dance is over, whatever came of it.
    pub fn arrives(&self, oauth: &Oauth, visit: &Visit, arrived: Result<(Outcome, String)>) -> Response {
        let sessions = oauth.sessions();
        let answer = match arrived {
            Err(error) => self.failed(error.into()),
            Ok((Outcome::SignedIn(account, tokens), _)) if self.json => {
                sessions.welcome(visit, *account, &tokens, Shown::Usual).into_response()
            }
            Ok((Outcome::Linked, _)) if self.json => Json(Done::new("Linked")).into_response(),
            Ok((Outcome::SignedIn(_, tokens), to)) => {
                (sessions.kept(visit, &[(cookie::REFRESH, &tokens.refresh)]), sent_to(&to)).into_response()
            }
            Ok((Outcome::Linked, to)) => sent_to(&to),
        };
        let name = COOKIE[usize::from(oauth.is_encrypted())];
        quiet(with_cookie(answer, cookie::clear(name, oauth.is_encrypted())))
    }

    fn failed(&self, failure: Failure) -> Response {
        match failure {
            Failure::House(error) if self.html => {
                // The edge sees a redirect, and no failure that it could write down.
                tracing::warn!(error = with_causes(&error), "a browser is sent back without being signed in");
                sent_to(&format!("{HOME}?error={}", code(&error)))
            }
            failure => failure.into_response(),
        }
    }
}

/// The name of what went wrong, as the problem would have it.
const fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound(text)
        | Error::Conflict(text)
        | Error::Forbidden(text)
        | Error::Unauthenticated(text) => text.code,
        Error::Stale => texts::STALE.code,
        Error::Outdated => texts::PRECONDITION_FAILED.code,
        Error::Invalid(_) => texts::INVALID.code,
        Error::TooMany(_) => texts::TOO_MANY.code,
        Error::Unavailable { .. } => texts::UNAVAILABLE.code,
        Error::Full(_) => texts::FULL.code,
        Error::Internal { .. } => texts::INTERNAL.code,
    }
}

fn sent_to(place: &str) -> Response {
    match HeaderValue::try_from(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response(),
        Err(_) => Failure::from(Error::internal("a place to go to is no header")).into_response(),
    }
}

fn with_cookie(mut answer: Response, cookie: Option<HeaderValue>) -> Response {
    answer.headers_mut().extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    answer
}

/// Codes and states stand in these addresses and answers: nobody keeps them, and no page tells where it came from.
fn quiet(mut answer: Response) -> Response {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Error::NotFound(NO_PROVIDER).into()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let text =
            |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accepts = text(ACCEPT.as_str());
        let html = accepts.contains("text/html");
        let json = !html && accepts.contains("application/json");
        Ok(Self { json, html, from_elsewhere: matches!(text("sec-fetch-site"), "cross-site" | "same-site") })
    }
}
