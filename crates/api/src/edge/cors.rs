//! Calls from pages of other origins: which may be made with credentials, and what their scripts may read.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method};

/// What scripts may send.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match, X-Request-ID",
);
/// How they may send it.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What they may read beside the usual.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "New-Access-Token, ETag, Idempotency-Replayed, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-ID",
);
/// Seconds for which a browser need not ask again.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// The origins whose pages may call.
#[derive(Debug, Clone)]
pub struct Cors(Box<[String]>);

/// A page that calls.
pub(super) struct Page {
    origin: HeaderValue,
    known: bool,
    /// Its browser asks whether it may, and does not call yet.
    pub asks_first: bool,
}

impl Cors {
    /// Of these origins; nobody is told anything when there are none.
    pub fn of(origins: &[String]) -> Option<Self> {
        (!origins.is_empty()).then(|| Self(origins.into()))
    }

    /// The page behind a request, if one says that it is.
    pub(super) fn page(&self, request: &Request) -> Option<Page> {
        let headers = request.headers();
        let origin = headers.get(ORIGIN)?;
        let known = self.0.iter().any(|known| known.as_bytes() == origin.as_bytes());
        let asks_first =
            request.method() == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Some(Page { origin: origin.clone(), known, asks_first })
    }
}

impl Page {
    /// Says in an answer what the page may do.
    pub fn told(self, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if !self.known {
            return;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        if self.asks_first {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        } else {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}
