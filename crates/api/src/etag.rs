//! Entity tags: resources are known again by their version, and a change can say which version it is meant for
//! (RFC 9110, 8.8 and 13).

mod conditions;
mod tags;

use axum::Json;
use axum::http::header::{CONTENT_LENGTH, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

pub(crate) use conditions::header;
pub use conditions::{IfMatch, IfNoneMatch};

/// A strong tag: what has the same is the same to the last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(HeaderValue);

impl Etag {
    /// The tag of this version, as `"3"`.
    pub fn of(version: i64) -> Self {
        match version {
            // Most things are asked for more often than they are changed, and all of them are made.
            1 => Self(HeaderValue::from_static("\"1\"")),
            _ => Self::quoted(&version.to_string()),
        }
    }

    /// The tag of this version of what is this person's, where one path leads each to their own, as `"17.3"`: a browser that
    /// two people share must not take the one's for the other's.
    pub fn of_ones_own(owner: i64, version: i64) -> Self {
        Self::quoted(&format!("{owner}.{version}"))
    }

    /// A tag of these letters, of which none may be a quote, a blank or a control character.
    pub fn quoted(opaque: &str) -> Self {
        // An empty tag is known by nobody who was not given it.
        let tag = HeaderValue::try_from(format!("\"{opaque}\""));
        Self(tag.unwrap_or(HeaderValue::from_static("\"\"")))
    }

    /// The tag of what has no version, by its body. It is the same in every process, and needs no secrecy: whoever could
    /// make two bodies with one tag would mislead only themselves.
    pub fn of_body(body: &[u8]) -> Self {
        Self::quoted(&format!("{:032x}", xxh3_128(body)))
    }

    /// The tag that these headers say.
    pub fn said_in(headers: &HeaderMap) -> Option<Self> {
        headers.get(ETAG).cloned().map(Self)
    }

    /// As a header.
    pub fn header(self) -> HeaderValue {
        self.0
    }

    /// The answer to whoever has it already. `length` is that of what is not sent: left to itself the answer would
    /// say 0, which RFC 9110 (8.6) forbids.
    pub fn not_modified(self, length: usize) -> Response {
        (StatusCode::NOT_MODIFIED, self, [(CONTENT_LENGTH, HeaderValue::from(length))]).into_response()
    }
}

impl IntoResponseParts for Etag {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().insert(ETAG, self.0);
        Ok(parts)
    }
}

/// What has a version that grows with each change.
pub trait Versioned {
    /// The version.
    fn version(&self) -> i64;

    /// Its tag.
    fn tag(&self) -> Etag {
        Etag::of(self.version())
    }
}

/// A resource with its tag; nothing but the tag for whoever has it already.
pub struct Tagged<T> {
    resource: T,
    tag: Etag,
    known: bool,
}

impl<T: Versioned> Tagged<T> {
    /// This resource, in full.
    pub fn new(resource: T) -> Self {
        Self { tag: resource.tag(), resource, known: false }
    }
}

impl<T: Serialize> Tagged<T> {
    /// This resource, in full, which has no version: its tag is that of all that it says.
    pub fn by_all(resource: T) -> Self {
        let tag = Etag::of_body(&serde_json::to_vec(&resource).unwrap_or_default());
        Self { tag, resource, known: false }
    }
}

impl<T> Tagged<T> {
    /// The same, in full only for whoever has not got it.
    #[must_use]
    pub fn unless(self, known: &IfNoneMatch) -> Self {
        Self { known: known.names(&self.tag), ..self }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let Self { resource, tag, known } = self;
        if known {
            return tag.not_modified(serde_json::to_vec(&resource).map_or(0, |body| body.len()));
        }
        (tag, Json(resource)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::IF_NONE_MATCH;

    use super::*;

    #[derive(Serialize)]
    struct Thing {
        version: i64,
    }

    impl Versioned for Thing {
        fn version(&self) -> i64 {
            self.version
        }
    }

    fn answered(version: i64, known: &'static str) -> (StatusCode, HeaderMap) {
        let headers = [(IF_NONE_MATCH, HeaderValue::from_static(known))].into_iter().collect();
        let response = Tagged::new(Thing { version }).unless(&IfNoneMatch::of(&headers)).into_response();
        (response.status(), response.headers().clone())
    }

    #[test]
    fn a_version_is_a_strong_tag() {
        assert_eq!([1, 2, 17].map(|version| Etag::of(version).0), ["\"1\"", "\"2\"", "\"17\""]);
        assert_eq!(Etag::quoted("no\ntag").0, "\"\"");
    }

    #[test]
    fn the_tag_of_a_body_is_of_the_body_and_of_nothing_else() {
        assert_eq!(Etag::of_body(b"one"), Etag::of_body(b"one"));
        assert_ne!(Etag::of_body(b"one"), Etag::of_body(b"two"));
        assert_eq!(Etag::of_body(b"").0.len(), 34);
    }

    #[test]
    fn whoever_has_it_gets_nothing_but_the_tag() {
        let (status, headers) = answered(3, "\"2\", W/\"3\"");
        assert_eq!(
            (status, &headers[ETAG], &headers[CONTENT_LENGTH]),
            (StatusCode::NOT_MODIFIED, &"\"3\"".parse().unwrap(), &13.into())
        );
        let (status, headers) = answered(4, "\"3\"");
        assert_eq!((status, &headers[ETAG]), (StatusCode::OK, &"\"4\"".parse().unwrap()));
    }
}
