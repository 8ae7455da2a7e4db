//! What browsers are told so that an answer cannot be misused. A handler that said something itself is left alone.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, Entry, REFERRER_POLICY, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Data does nothing in a browser, and stands in no frame.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// A page that says nothing itself may do what it does, but not in a frame of somebody else's.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static("frame-ancestors 'none'");
/// A year: a browser that has met us encrypted meets us only so.
const ENCRYPTED_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is missing. `private` is an answer that is for one person alone.
pub(super) fn complete(headers: &mut HeaderMap, encrypted: bool, private: bool) {
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if is_page { PAGE_POLICY } else { DATA_POLICY };
    missing(headers, CONTENT_SECURITY_POLICY, policy);
    missing(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    missing(headers, X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    missing(headers, REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let same_origin = HeaderValue::from_static("same-origin");
    missing(headers, HeaderName::from_static("cross-origin-resource-policy"), same_origin.clone());
    if is_page {
        missing(headers, HeaderName::from_static("cross-origin-opener-policy"), same_origin);
    }
    if encrypted {
        missing(headers, STRICT_TRANSPORT_SECURITY, ENCRYPTED_ONLY);
    }
    if private || headers.contains_key(SET_COOKIE) {
        // With a tag the browser may keep its copy, as long as it asks each time whether that still holds.
        let kept = if headers.contains_key(ETAG) { "private, no-cache" } else { "no-store" };
        missing(headers, CACHE_CONTROL, HeaderValue::from_static(kept));
    }
}

fn missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if let Entry::Vacant(place) = headers.entry(name) {
        place.insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(said: &[(HeaderName, &'static str)], encrypted: bool, private: bool) -> HeaderMap {
        let said = said.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut headers: HeaderMap = said.collect();
        complete(&mut headers, encrypted, private);
        headers
    }

    #[test]
    fn what_was_said_stays_and_what_was_not_is_added() {
        let page = (CONTENT_TYPE, "text/html; charset=utf-8");
        let own = (CONTENT_SECURITY_POLICY, "default-src 'self'");
        let headers = completed(&[page.clone(), own, (X_FRAME_OPTIONS, "SAMEORIGIN")], false, false);
        assert_eq!(
            headers.get_all(CONTENT_SECURITY_POLICY).iter().collect::<Vec<_>>(),
            ["default-src 'self'"]
        );
        assert_eq!(headers[X_FRAME_OPTIONS], "SAMEORIGIN");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(completed(&[page], false, false)[CONTENT_SECURITY_POLICY], "frame-ancestors 'none'");
        assert_eq!(completed(&[], false, false)[CONTENT_SECURITY_POLICY], DATA_POLICY);
    }

    #[test]
    fn browsers_are_held_to_encryption_only_where_there_is_some() {
        assert_eq!(completed(&[], true, false)[STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert!(!completed(&[], false, false).contains_key(STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn what_is_for_one_person_is_kept_by_nobody_else() {
        let kept = |said: &[(HeaderName, &'static str)], private| {
            completed(said, false, private).get(CACHE_CONTROL).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(kept(&[], false), None);
        assert_eq!(kept(&[], true).as_deref(), Some("no-store"));
        assert_eq!(kept(&[(SET_COOKIE, "a=b")], false).as_deref(), Some("no-store"));
        assert_eq!(kept(&[(ETAG, "\"1\"")], true).as_deref(), Some("private, no-cache"));
        assert_eq!(kept(&[(CACHE_CONTROL, "max-age=5")], true).as_deref(), Some("max-age=5"));
    }
}
