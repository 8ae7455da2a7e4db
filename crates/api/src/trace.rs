//! Names by which a request is found again: its id in our logs, its trace across services.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::Numbers;

/// The header with a request's id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header with its trace.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The id of a request, in every log record about it and in its answer.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id, as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id, as a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes ids that no other process makes, without asking the system for randomness each time.
#[derive(Debug)]
pub struct RequestIds {
    numbers: Numbers,
}

impl RequestIds {
    /// From a random number.
    pub const fn new(seed: u64) -> Self {
        Self { numbers: Numbers::new(seed) }
    }

    /// The id that the request brought, if it is fit to be logged, or a new one.
    pub fn of(&self, headers: &HeaderMap) -> RequestId {
        let brought = headers.get(X_REQUEST_ID).filter(|id| is_plain(id.as_bytes()));
        RequestId(brought.cloned().unwrap_or_else(|| self.fresh()))
    }

    fn fresh(&self) -> HeaderValue {
        let number = self.numbers.next();
        HeaderValue::from_str(&format!("{number:016x}")).unwrap_or(HeaderValue::from_static("-"))
    }

    /// The trace to pass on: the one that came, with a span of ours, or a new one.
    pub fn traceparent(&self, headers: &HeaderMap) -> HeaderValue {
        let span = self.numbers.next();
        let came = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse);
        let made = match came {
            Some((trace, flags)) => format!("00-{trace}-{span:016x}-{flags}"),
            None => {
                format!("00-{:016x}{:016x}-{span:016x}-00", self.numbers.next(), self.numbers.next())
            }
        };
        HeaderValue::from_str(&made).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Trace id and flags of a `traceparent` header of version 00.
fn parse(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let zero = |text: &str| text.bytes().all(|b| b == b'0');
    let good =
        version == "00" && hex(trace, 32) && !zero(trace) && hex(span, 16) && !zero(span) && hex(flags, 2);
    (good && parts.next().is_none()).then_some((trace, flags))
}

fn is_plain(id: &[u8]) -> bool {
    (1..=64).contains(&id.len())
        && id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_plain_id_is_kept_and_anything_else_replaced() {
        let ids = RequestIds::new(7);
        assert_eq!(ids.of(&with(X_REQUEST_ID, "abc-1")).as_str(), "abc-1");
        for bad in ["", "a b", "a\tlevel: error", &"x".repeat(65)] {
            assert_ne!(ids.of(&with(X_REQUEST_ID, bad)).as_str(), bad);
        }
        assert_ne!(ids.of(&HeaderMap::new()).as_str(), ids.of(&HeaderMap::new()).as_str());
    }

    #[test]
    fn a_trace_goes_on_with_a_span_of_ours() {
        let ids = RequestIds::new(7);
        let came = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let next = ids.traceparent(&with(TRACEPARENT, came));
        let next = next.to_str().unwrap();
        assert!(
            next.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && next.ends_with("-01") && next != came
        );
        let fresh = ids.traceparent(&with(TRACEPARENT, "00-nonsense"));
        assert!(parse(fresh.to_str().unwrap()).is_some());
    }
}
