//! A request in a form in which it may be sent more than once.

use api::edge::Limits;
use api::{Failure, whole_body};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::{IF_MATCH, IF_UNMODIFIED_SINCE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::headers::{is_ours, ours};

/// A longer body is passed on as it comes.
const SHORT: u64 = 64 << 10;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Where a key makes it harmless that something is created twice. Elsewhere nobody reads it; a test compares this with
/// what the domains promise.
pub const KEYED: [&str; 4] = ["/api/v1/chats", "/api/v1/lists", "/api/v1/tasks", "/api/v1/tasks/bulk"];

/// A request, and what is known of its body.
pub struct Parcel {
    head: Parts,
    cargo: Cargo,
    /// The number of our part in its trace.
    span: u64,
}

enum Cargo {
    Whole(Bytes),
    Stream(Body),
}

impl Parcel {
    /// Takes a request as it comes.
    pub fn new(request: Request, span: u64) -> Self {
        let (head, body) = request.into_parts();
        let is_empty = body.size_hint().exact() == Some(0);
        Self { head, cargo: if is_empty { Cargo::Whole(Bytes::new()) } else { Cargo::Stream(body) }, span }
    }

    /// Waits for a short body, so that the time a service takes is its own and not that of a slow client.
    pub async fn gather(&mut self, limits: &Limits) -> Result<(), Failure> {
        if let Cargo::Stream(body) = &mut self.cargo
            && body.size_hint().exact().is_some_and(|length| length <= SHORT)
        {
            // Boxed, since most requests have no body and would carry the room for this.
            self.cargo = Cargo::Whole(Box::pin(whole_body(std::mem::take(body), limits)).await?);
        }
        Ok(())
    }

    /// Gives it away.
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(Request::default(), 0))
    }

    /// Whether all of it is here, and so nothing that happens from now on is the client's doing.
    pub const fn is_whole(&self) -> bool {
        matches!(self.cargo, Cargo::Whole(_))
    }

    /// Whether it does no harm when the service gets it twice.
    pub fn is_repeatable(&self) -> bool {
        let Parts { method, headers, uri, .. } = &self.head;
        // After a first time that nobody heard of, the condition would fail.
        let conditional = headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE);
        let idempotent = [Method::PUT, Method::DELETE].contains(method) && !conditional;
        let keyed =
            *method == Method::POST && headers.contains_key(IDEMPOTENCY_KEY) && KEYED.contains(&uri.path());
        self.is_whole() && (method.is_safe() || idempotent || keyed)
    }

    /// All but the body.
    pub const fn head(&self) -> &Parts {
        &self.head
    }

    /// Each header that a service gets.
    pub fn each_header(&self, mut say: impl FnMut(&HeaderName, &[u8])) {
        for (name, value) in self.head.headers.iter().filter(|(name, _)| !is_ours(name)) {
            say(name, value.as_bytes());
        }
        ours(&self.head, self.span, say);
    }

    /// The headers, for whoever has an answer and will not send this again.
    pub const fn spent(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
    }

    /// How long the body is, where that is known.
    pub fn length(&self) -> Option<u64> {
        match &self.cargo {
            Cargo::Whole(bytes) => Some(bytes.len() as u64),
            Cargo::Stream(body) => body.size_hint().exact(),
        }
    }

    /// A body that is here whole.
    pub fn whole(&self) -> &[u8] {
        match &self.cargo {
            Cargo::Whole(bytes) => bytes,
            Cargo::Stream(_) => &[],
        }
    }

    /// A body that is not; it is given away the first time.
    pub fn stream(&mut self) -> Option<Body> {
        match &mut self.cargo {
            Cargo::Whole(_) => None,
            Cargo::Stream(body) => Some(std::mem::take(body)),
        }
    }

    /// The request in one piece, for those who want it so.
    pub fn open(&mut self) -> Request {
        let body = match &mut self.cargo {
            Cargo::Whole(bytes) => Body::from(bytes.clone()),
            Cargo::Stream(body) => std::mem::take(body),
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = self.head.uri.clone();
        let say = |name: &HeaderName, value: &[u8]| {
            let value = HeaderValue::from_bytes(value).ok();
            request.headers_mut().extend(value.map(|value| (name.clone(), value)));
        };
        self.each_header(say);
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn packed(method: &str, path: &str, header: Option<(&str, &str)>, body: Body) -> Parcel {
        let request = Request::builder().method(method).uri(path);
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let mut parcel = Parcel::new(request.body(body).unwrap(), 1);
        parcel.gather(&Limits::default()).await.unwrap();
        parcel
    }

    async fn is_repeatable(method: &str, path: &str, header: Option<(&str, &str)>) -> bool {
        packed(method, path, header, Body::from("{}")).await.is_repeatable()
    }

    #[tokio::test]
    async fn only_what_may_happen_twice_is_repeatable() {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
            assert!(is_repeatable(method, "/api/v1/tasks/1", None).await, "{method}");
        }
        for method in ["POST", "PATCH"] {
            assert!(!is_repeatable(method, "/api/v1/tasks", None).await, "{method}");
        }
        let key = Some(("idempotency-key", "one"));
        assert!(is_repeatable("POST", "/api/v1/tasks", key).await);
        assert!(is_repeatable("POST", "/api/v1/tasks/bulk", key).await);
        assert!(!is_repeatable("POST", "/tasks", key).await, "older paths know no keys");
        assert!(!is_repeatable("POST", "/api/v1/accounts", key).await, "nor does anybody who is nobody yet");
        assert!(!is_repeatable("POST", "/api/v1/me/email", key).await, "this sends a letter");
        assert!(!is_repeatable("PATCH", "/api/v1/tasks/1", key).await, "nor do changes");
        for condition in ["if-match", "if-unmodified-since"] {
            assert!(!is_repeatable("PUT", "/api/v1/tasks/1", Some((condition, "x"))).await);
        }
        assert!(is_repeatable("GET", "/api/v1/tasks/1", Some(("if-match", "x"))).await);
    }

    #[tokio::test]
    async fn a_short_body_is_there_each_time_and_a_long_one_is_not_waited_for() {
        let mut short = packed("PUT", "/", None, Body::from("{}")).await;
        for _ in 0..2 {
            assert_eq!(whole_body(short.open().into_body(), &Limits::default()).await.unwrap(), "{}");
        }
        let long = packed("PUT", "/", None, Body::from(vec![0; 65 << 10])).await;
        assert!(!long.is_whole() && !long.is_repeatable());
        let endless = Body::new(http_body_util::StreamBody::new(futures_util::stream::pending::<
            Result<hyper::body::Frame<Bytes>, std::convert::Infallible>,
        >()));
        assert!(!packed("GET", "/", None, endless).await.is_repeatable());
    }
}
