//! An answer that may be given twice: to everybody who waits for it, and again later.

use std::sync::Arc;
use std::time::Duration;

use api::edge::Behind;
use api::{Etag, Failure, texts};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderName, LINK, SERVER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};

/// A longer body is neither remembered nor shared.
pub const LARGEST: usize = 256 << 10;

/// What is said of a body and stays with it.
const KEPT: [HeaderName; SAID] = [CONTENT_TYPE, LINK, ETAG];
/// How many that are.
const SAID: usize = 3;
/// What is said of one answer alone, and said anew of each.
const SAID_ANEW: [HeaderName; 4] = [CONTENT_LENGTH, DATE, SERVER, HeaderName::from_static("x-request-id")];

/// A whole answer, of status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    said: [Option<HeaderValue>; SAID],
    body: Bytes,
}

/// What came of a call.
pub enum Fetched {
    /// What others may have as well.
    Common(Common),
    /// What somebody else's call had brought just before, and how old it is.
    Found(Answer, Duration),
    /// What only the one who asked may have.
    Own(Response),
}

/// What everybody who asked the same may have.
#[derive(Clone)]
pub enum Common {
    /// An answer that may be given twice.
    Whole(Answer),
    /// An error, which the edge writes for each reader.
    Failed(Arc<Failure>),
}

/// Calls, and reads what may be given twice.
pub async fn fetch(behind: Behind, request: Request) -> Fetched {
    let response = behind.answer(request).await;
    if let Some(failure) = response.extensions().get::<Arc<Failure>>() {
        return Fetched::Common(Common::Failed(failure.clone()));
    }
    if response.status() != StatusCode::OK || !is_plain(response.headers()) || !is_small(response.body()) {
        return Fetched::Own(response);
    }
    let (parts, body) = response.into_parts();
    Fetched::Common(match axum::body::to_bytes(body, LARGEST).await {
        Ok(body) => Common::Whole(Answer::new(parts.headers, body)),
        Err(_) => Common::failed(StatusCode::BAD_GATEWAY),
    })
}

/// Whether nothing is said that would be lost or, worse, be somebody else's: cookies, tokens, who may keep it. Each is said
/// once.
fn is_plain(headers: &HeaderMap) -> bool {
    headers.len() == headers.keys_len()
        && headers.keys().all(|name| KEPT.contains(name) || SAID_ANEW.contains(name))
}

/// Whether its length is known and bearable; a stream has none.
fn is_small(body: &Body) -> bool {
    body.size_hint().exact().is_some_and(|length| length <= LARGEST as u64)
}

impl Fetched {
    /// The same for somebody else who waits for it; none when they have to ask for themselves.
    pub fn shared(&self) -> Option<Common> {
        match self {
            Self::Common(common) => Some(common.clone()),
            Self::Found(answer, _) => Some(Common::Whole(answer.clone())),
            // A service that fails has said so in the language of one of them.
            Self::Own(response) if response.status().is_server_error() => {
                Some(Common::failed(response.status()))
            }
            Self::Own(_) => None,
        }
    }

    /// The new answer that may be remembered.
    pub const fn whole(&self) -> Option<&Answer> {
        match self {
            Self::Common(Common::Whole(answer)) => Some(answer),
            Self::Common(Common::Failed(_)) | Self::Found(..) | Self::Own(_) => None,
        }
    }
}

impl Common {
    fn failed(status: StatusCode) -> Self {
        Self::Failed(Arc::new(Failure::Http(status, texts::SERVICE_AWAY.into())))
    }
}

impl IntoResponse for Fetched {
    fn into_response(self) -> Response {
        match self {
            Self::Common(common) => common.into_response(),
            Self::Found(answer, _) => answer.into_response(),
            Self::Own(response) => response,
        }
    }
}

impl IntoResponse for Common {
    fn into_response(self) -> Response {
        match self {
            Self::Whole(answer) => answer.into_response(),
            Self::Failed(failure) => {
                let mut response = failure.status().into_response();
                response.extensions_mut().insert(failure);
                response
            }
        }
    }
}

impl Answer {
    fn new(mut headers: HeaderMap, body: Bytes) -> Self {
        let [kind, link, tag] = KEPT.map(|name| headers.remove(name));
        let tag = tag.unwrap_or_else(|| Etag::of_body(&body).header());
        Self { said: [kind, link, Some(tag)], body }
    }

    /// How many bytes it takes, written down.
    pub fn size(&self) -> usize {
        self.body.len()
            + SAID * size_of::<u16>()
            + self.said.iter().flatten().map(HeaderValue::len).sum::<usize>()
    }

    /// Written down: each header with its length, and the body after them.
    pub fn write(&self, into: &mut BytesMut) {
        for value in &self.said {
            let value = value.as_ref().map_or(&b""[..], HeaderValue::as_bytes);
            // The edges let no header through that is longer.
            into.put_u16(u16::try_from(value.len()).unwrap_or_default());
            into.put_slice(value);
        }
        into.put_slice(&self.body);
    }

    /// Reads what was written down; none when that was something else.
    pub fn read(mut from: Bytes) -> Option<Self> {
        let mut said = [const { None }; SAID];
        for value in &mut said {
            let length = usize::from(u16::from_be_bytes(*from.first_chunk()?));
            let bytes = from.get(2..2 + length).map(|_| from.slice(2..2 + length))?;
            from = from.slice(2 + length..);
            *value = (length > 0).then(|| HeaderValue::from_maybe_shared(bytes)).transpose().ok()?;
        }
        Some(Self { said, body: from })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        for (name, value) in KEPT.into_iter().zip(self.said) {
            if let Some(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(said: &[(&'static str, &'static str)]) -> HeaderMap {
        let value = |value: &&'static str| HeaderValue::from_static(value);
        said.iter().map(|(name, said)| (HeaderName::from_static(name), value(said))).collect()
    }

    #[test]
    fn what_was_written_down_is_read_again() {
        let said = headers(&[("content-type", "application/json"), ("link", "</tasks?after=1>")]);
        for body in [&b""[..], b"[]", &[0, 255, 10]] {
            let answer = Answer::new(said.clone(), Bytes::from_static(body));
            let mut written = BytesMut::new();
            answer.write(&mut written);
            let written = written.freeze();
            assert_eq!(Answer::read(written.clone()), Some(answer));
            assert_eq!(Answer::read(written.slice(..written.len().min(20))), None, "cut short");
        }
        assert_eq!(Answer::read(Bytes::new()), None);
    }

    #[test]
    fn a_tag_of_the_service_stays_and_a_missing_one_is_made() {
        let own = Answer::new(headers(&[("etag", "\"7\"")]), Bytes::from_static(b"[]")).into_response();
        assert_eq!(own.headers()[ETAG], "\"7\"");
        let made = Answer::new(HeaderMap::new(), Bytes::from_static(b"[]")).into_response();
        assert_eq!(made.headers()[ETAG], Etag::of_body(b"[]").header());
    }

    #[test]
    fn an_answer_that_says_more_is_for_one_alone() {
        assert!(is_plain(&headers(&[("content-type", "application/json"), ("x-request-id", "1")])));
        for more in
            ["set-cookie", "new-access-token", "cache-control", "vary", "content-encoding", "retry-after"]
        {
            assert!(!is_plain(&headers(&[("content-type", "application/json"), (more, "1")])), "{more}");
        }
        let mut twice = headers(&[("link", "</a>")]);
        twice.append(LINK, HeaderValue::from_static("</b>"));
        assert!(!is_plain(&twice));
        assert!(is_small(&Body::from(vec![0; LARGEST])));
        assert!(!is_small(&Body::from(vec![0; LARGEST + 1])));
        let stream = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"data"))]);
        assert!(!is_small(&Body::from_stream(stream)));
    }
}
