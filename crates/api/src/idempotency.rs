//! Requests that may be repeated (`Idempotency-Key`): what is made is made once, and whoever asks again hears of it
//! as it is now.
//!
//! The key is a [companion](Kept) of the write: it is there exactly if what it made is. Two at once both try, and the
//! database lets one of them through.

mod key;
mod store;

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use db::Db;
use types::{Error, Result, Timestamp};

use crate::problem::Failure;
use crate::texts;

pub use key::{Kept, Key, Keyed, KeyedEach};
pub use store::found;

/// Says that this was made before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How often it is tried when another request with the key is in the way: once more is enough unless what that one
/// wrote is undone.
const TRIES: usize = 3;
/// For how long a key is good at least.
const GOOD: Duration = Duration::from_hours(24);

/// What the first request with a key made: so many things, from this id on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The first one's id.
    pub first_id: i64,
    /// How many.
    pub items: i64,
    /// What was asked for.
    body_hash: Vec<u8>,
}

/// What came of a request that may be repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was made now.
    Now(T),
    /// It was made before.
    Before(T),
    /// It was made before, and is not there any more.
    Gone,
    /// The key belongs to another request.
    Reused,
}

impl<T> Once<T> {
    /// The same about what this makes of it.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Once<U> {
        match self {
            Self::Now(made) => Once::Now(into(made)),
            Self::Before(made) => Once::Before(into(made)),
            Self::Gone => Once::Gone,
            Self::Reused => Once::Reused,
        }
    }
}

impl<T: IntoResponse> IntoResponse for Once<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Now(answer) => answer.into_response(),
            Self::Before(answer) => {
                let mut response = answer.into_response();
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                response
            }
            Self::Gone => gone().into_response(),
            Self::Reused => {
                Failure::Http(StatusCode::UNPROCESSABLE_ENTITY, texts::KEY_REUSED.into()).into_response()
            }
        }
    }
}

/// Makes something once for each key. `found` looks for what was made with it, `make` makes it together with
/// [what is kept](Key::kept) of the key, `again` reads what was made before, if it is still there.
pub async fn once<T, F, M, A>(
    key: &Key,
    found: impl Fn() -> F,
    make: impl Fn() -> M,
    again: impl Fn(Made) -> A,
) -> Result<Once<T>>
where
    F: Future<Output = Result<Option<Made>>>,
    M: Future<Output = Result<T>>,
    A: Future<Output = Result<Option<T>>>,
{
    for _ in 0..TRIES {
        if let Some(made) = found().await? {
            if !key.asks_for(&made.body_hash) {
                return Ok(Once::Reused);
            }
            return Ok(again(made).await?.map_or(Once::Gone, Once::Before));
        }
        match make().await {
            Err(error) if is_taken(&error) => {}
            written => return written.map(Once::Now),
        }
    }
    Err(Error::unavailable("other requests with this key are in the way"))
}

/// What was made before is not there any more.
pub fn gone() -> Failure {
    Failure::Http(StatusCode::GONE, texts::MADE_AND_GONE.into())
}

/// Whether a write was refused because its key is there already.
fn is_taken(error: &Error) -> bool {
    let Error::Internal { cause: Some(cause), .. } = error else { return false };
    cause.downcast_ref::<db::Error>().is_some_and(store::is_taken)
}

/// Forgets some of the keys that are good no longer, oldest first; how many.
pub async fn forget(db: &Db, now: Timestamp) -> Result<usize> {
    Ok(store::sweep(db, now.minus(GOOD)).await?)
}

#[cfg(test)]
mod tests;
