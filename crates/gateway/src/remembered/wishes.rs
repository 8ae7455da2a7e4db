//! What one who asks says about caches (RFC 9111, 5.2.1), and what they have already.

use std::time::Duration;

use api::{Etag, IfNoneMatch};
use axum::body::{Body, HttpBody};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// The wishes of one who asks.
#[derive(Debug, Default)]
pub struct Wishes {
    /// The answer is for them alone: nothing is looked up, shared or kept.
    pub alone: bool,
    /// The oldest answer that is good enough; zero asks for a new one. All are when nothing is said.
    oldest: Option<Duration>,
    /// Which answers they have.
    has: IfNoneMatch,
}

impl Wishes {
    /// Reads them, and takes away what would have a service answer with less than everybody needs.
    pub fn taken_from(headers: &mut HeaderMap) -> Self {
        let mut wishes = Self::default();
        let lists = headers.get_all(CACHE_CONTROL).iter().filter_map(|list| list.to_str().ok());
        for word in lists.flat_map(|list| list.split(',')).map(|word| word.trim().to_ascii_lowercase()) {
            match word.split_once('=') {
                None if word == "no-store" => wishes.alone = true,
                None if word == "no-cache" => wishes.oldest = Some(Duration::ZERO),
                Some(("max-age", seconds)) => {
                    let said = Duration::from_secs(seconds.trim_matches('"').parse().unwrap_or(0));
                    wishes.oldest = Some(wishes.oldest.map_or(said, |oldest| oldest.min(said)));
                }
                _ => {}
            }
        }
        let kind = headers.get(ACCEPT).map_or(&b""[..], HeaderValue::as_bytes);
        wishes.alone |= headers.contains_key(RANGE) || kind.starts_with(b"text/event-stream");
        if !wishes.alone {
            wishes.has = IfNoneMatch::taken_from(headers);
        }
        wishes
    }

    /// Whether they want what is true now.
    pub fn are_for_now(&self) -> bool {
        self.oldest == Some(Duration::ZERO)
    }

    /// Whether an answer of this age is good enough.
    pub fn take(&self, age: Duration) -> bool {
        !self.are_for_now() && self.oldest.is_none_or(|oldest| age <= oldest)
    }

    /// The answer, or that they have it already.
    pub fn met_by(&self, mut response: Response) -> Response {
        let has_it = Etag::said_in(response.headers()).is_some_and(|tag| self.has.names(&tag));
        if !has_it || response.status() != StatusCode::OK {
            return response;
        }
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        let body = std::mem::replace(response.body_mut(), Body::empty());
        let headers = response.headers_mut();
        headers.remove(CONTENT_TYPE);
        // The length of what is not sent: axum would say 0, which RFC 9110 (8.6) forbids for a 304.
        if let Some(length) = body.size_hint().exact() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ETAG, IF_NONE_MATCH};

    use super::*;
    use axum::http::HeaderName;

    fn wishes(said: &[(HeaderName, &'static str)]) -> Wishes {
        let said = said.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        Wishes::taken_from(&mut said.collect())
    }

    #[test]
    fn an_answer_is_as_old_as_they_like() {
        let (young, old) = (Duration::from_secs(5), Duration::from_millis(5_001));
        let taken = |said: &'static str| {
            let wishes = wishes(&[(CACHE_CONTROL, said)]);
            (wishes.take(young), wishes.take(old))
        };
        assert!(wishes(&[]).take(old));
        assert_eq!(taken("max-age=5"), (true, false));
        assert_eq!(taken("Max-Age=\"5\", no-transform"), (true, false));
        for new in ["no-cache", "max-age=0", "max-age=9, No-Cache", "max-age=x"] {
            assert_eq!(taken(new), (false, false), "{new}");
            assert!(wishes(&[(CACHE_CONTROL, new)]).are_for_now(), "{new}");
        }
        assert_eq!(taken("public"), (true, true));
    }

    #[test]
    fn who_wants_a_part_or_a_stream_or_no_copy_is_alone() {
        assert!(!wishes(&[(ACCEPT, "application/json")]).alone);
        for (name, value) in
            [(RANGE, "bytes=0-1"), (ACCEPT, "text/event-stream"), (CACHE_CONTROL, "max-age=1, no-store")]
        {
            assert!(wishes(&[(name, value)]).alone, "{value}");
        }
    }

    #[test]
    fn who_has_an_answer_is_told_so_without_its_body() {
        let answer = || {
            let answer = Response::builder().header(ETAG, "\"a\"").header(CONTENT_TYPE, "application/json");
            answer.body(Body::from("[]")).unwrap()
        };
        let met = wishes(&[(IF_NONE_MATCH, "\"b\""), (IF_NONE_MATCH, "\"a\"")]).met_by(answer());
        assert_eq!(met.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            (met.body().size_hint().exact(), &met.headers()[CONTENT_LENGTH]),
            (Some(0), &"2".parse().unwrap())
        );
        assert!(met.headers().contains_key(ETAG) && !met.headers().contains_key(CONTENT_TYPE));
        for has in [&[][..], &[(IF_NONE_MATCH, "\"b\"")]] {
            assert_eq!(wishes(has).met_by(answer()).status(), StatusCode::OK);
        }
    }
}
