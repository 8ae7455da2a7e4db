//! The key of a request, and what is kept of it.

use axum::extract::{FromRequest, MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName};
use db::{Companion, Step};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use types::{Timestamp, UserId};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::{Made, store};
use crate::etag::header;
use crate::extract::{OneOrMany, Shape, read_json};
use crate::problem::Failure;
use crate::texts;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Letters of a key.
const LONGEST: usize = 255;

/// What a client calls a request that it may repeat, and what that request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(super) route: String,
    pub(super) name: String,
    pub(super) body_hash: Vec<u8>,
}

impl Key {
    /// This name for a request to this route, which asks for this address with this body.
    pub fn new(route: &str, name: &str, address: &str, body: &[u8]) -> Self {
        // No address has this letter: it tells where the body begins.
        let hash = Sha256::new().chain_update(address).chain_update("\n").chain_update(body);
        Self { route: route.to_owned(), name: name.to_owned(), body_hash: hash.finalize().to_vec() }
    }

    /// What is to be committed with what the request makes: so many things, from this id on.
    pub fn kept(&self, caller: UserId, first_id: i64, items: i64, at: Timestamp) -> Kept {
        Kept { caller, key: self.clone(), first_id, items, at }
    }

    /// What is found of it then.
    pub fn made(&self, first_id: i64, items: i64) -> Made {
        Made { first_id, items, body_hash: self.body_hash.clone() }
    }

    /// Whether this is what the request asks for.
    pub(super) fn asks_for(&self, body_hash: &[u8]) -> bool {
        self.body_hash == body_hash
    }
}

/// A key and what was made with it, on their way into a transaction.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose key it is.
    pub caller: UserId,
    /// The key.
    pub key: Key,
    /// The id of the first thing that was made.
    pub first_id: i64,
    /// How many were.
    pub items: i64,
    /// When.
    pub at: Timestamp,
}

impl Companion for Kept {
    fn steps(&self) -> Vec<Step> {
        vec![store::insert(self)]
    }
}

/// A JSON body, and the key of the request if it has one.
#[derive(Debug)]
pub struct Keyed<T>(pub T, pub Option<Key>);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Keyed<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (body, key) = read(request, Shape::Object).await?;
        Ok(Self(body, key))
    }
}

/// The same where one and many of something can be made at once.
#[derive(Debug)]
pub struct KeyedEach<T>(pub OneOrMany<T>, pub Option<Key>);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for KeyedEach<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (body, key) = read(request, Shape::ObjectOrArray).await?;
        Ok(Self(body, key))
    }
}

async fn read<T: DeserializeOwned>(request: Request, shape: Shape) -> Result<(T, Option<Key>), Failure> {
    let Some(name) = name(request.headers())? else {
        return Ok((read_json(request, shape).await?.0, None));
    };
    let (address, route) = (request.uri().clone(), request.extensions().get::<MatchedPath>().cloned());
    let route = route.as_ref().map_or(address.path(), MatchedPath::as_str);
    let (body, bytes) = read_json(request, shape).await?;
    let asked = address.path_and_query().map_or("", |asked| asked.as_str());
    Ok((body, Some(Key::new(route, &name, asked, &bytes))))
}

/// What the client calls the request.
fn name(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut names = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(name) = names.next() else { return Ok(None) };
    let is_name = (1..=LONGEST).contains(&name.len()) && name.as_bytes().iter().all(u8::is_ascii_graphic);
    let name = name.to_str().ok().filter(|_| is_name && names.next().is_none());
    name.map(|name| Some(name.to_owned())).ok_or_else(|| Failure::bad_request(texts::BAD_KEY))
}

impl IntoParams for Key {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "A name for this request, 1 to 255 visible letters of ASCII, good for a day: whoever sends it \
                           again with the same body hears what was made the first time, with `Idempotency-Replayed: true`";
        vec![header(&IDEMPOTENCY_KEY, description)]
    }
}
