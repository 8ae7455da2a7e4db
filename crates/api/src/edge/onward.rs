//! What a request that we make on somebody's behalf takes along from theirs.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, Uri};

use super::{Asked, Deadline, X_FORWARDED_HOST, X_FORWARDED_PROTO};
use crate::trace::TRACEPARENT;

/// Who asks and how they came to us, in which language they read, and the trace by which all of it is found again.
const ALONG: [HeaderName; 6] =
    [AUTHORIZATION, ACCEPT_LANGUAGE, TRACEPARENT, HOST, X_FORWARDED_HOST, X_FORWARDED_PROTO];

/// The headers and extensions of such a request. A router in this process finds in them what an edge would have said.
#[derive(Debug, Clone)]
pub struct Onward {
    /// What goes over the network.
    pub headers: HeaderMap,
    /// What is known in this process.
    pub extensions: Extensions,
}

impl Onward {
    /// On behalf of whoever made this request, who waits for so long.
    pub fn of(asked: &Parts, patience: Duration) -> Self {
        let along = |name: &HeaderName| asked.headers.get(name).map(|value| (name.clone(), value.clone()));
        let headers = ALONG.iter().filter_map(along).collect();
        let mut extensions = Extensions::new();
        if let Some(asked) = Asked::of(&asked.extensions) {
            extensions.insert(Asked { deadline: Some(Deadline::after(patience)), ..asked.clone() });
        }
        Self { headers, extensions }
    }

    /// What is read at this path.
    pub fn get(self, path: &'static str) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(path);
        *request.headers_mut() = self.headers;
        *request.extensions_mut() = self.extensions;
        request
    }
}
