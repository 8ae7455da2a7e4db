//! Names by which a request is found again: its id in our logs, its trace across services.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::Numbers;

/// The header with a request's id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header with its trace.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Two digits for each byte of a number.
type Hex = [u8; 16];

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

/// Of a request that nobody has given one.
impl Default for RequestId {
    fn default() -> Self {
        Self(HeaderValue::from_static("-"))
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
        HeaderValue::from_bytes(&hex(self.numbers.next())).unwrap_or(HeaderValue::from_static("-"))
    }

    /// A trace for a request that may have brought none.
    pub fn trace(&self) -> Trace {
        Trace(self.numbers.next())
    }
}

/// The number of a trace that began here. It is written down only when a request goes on to a service.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trace(u64);

impl Trace {
    /// The header to pass on, with this span: of the trace that came, or else of this one.
    pub fn parent(self, headers: &HeaderMap, span: u64) -> [u8; 55] {
        let came = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse);
        let mut parent = *b"00-00000000000000000000000000000000-0000000000000000-00";
        if let Some((trace, flags)) = came {
            parent[3..35].copy_from_slice(trace.as_bytes());
            parent[53..].copy_from_slice(flags.as_bytes());
        } else {
            parent[3..19].copy_from_slice(&hex(self.0));
            parent[19..35].copy_from_slice(&hex(!self.0.rotate_left(32)));
        }
        parent[36..52].copy_from_slice(&hex(span));
        parent
    }
}

/// Formatting would cost as much as the rest of an id.
fn hex(number: u64) -> Hex {
    let bytes = number.to_be_bytes();
    std::array::from_fn(|at| {
        let half = if at % 2 == 0 { bytes[at / 2] >> 4 } else { bytes[at / 2] & 15 };
        b"0123456789abcdef"[usize::from(half)]
    })
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
        let next = ids.trace().parent(&with(TRACEPARENT, came), 0xfe);
        assert_eq!(&next, b"00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000fe-01");
        let trace = ids.trace();
        let fresh = [1, 2].map(|span| trace.parent(&with(TRACEPARENT, "00-nonsense"), span));
        let [one, two] = fresh.each_ref().map(|parent| parse(std::str::from_utf8(parent).unwrap()).unwrap());
        assert_eq!(one, two, "both are of one trace");
        assert_ne!(fresh[0], fresh[1]);
        assert_ne!(ids.trace().parent(&HeaderMap::new(), 1)[..35], fresh[0][..35]);
    }
}
