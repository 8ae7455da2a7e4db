//! The two cookies of the house.

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Holds the refresh token.
pub const REFRESH: &str = "refresh_token";
/// Holds the access token, for clients that have nothing but cookies.
pub const ACCESS: &str = "sso-token";

/// The value of a cookie that a client sent.
pub fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

/// Keeps a value with the client for so long, out of its scripts' reach.
pub fn set(name: &str, value: &str, lifetime: Duration, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let seconds = lifetime.as_secs();
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()
}

/// Takes it away from the client.
pub fn clear(name: &str, secure: bool) -> Option<HeaderValue> {
    set(name, "", Duration::ZERO, secure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; xsso-token=no; sso-token=yes;refresh_token="));
        headers.append(COOKIE, HeaderValue::from_static("refresh_token=abc"));
        assert_eq!((get(&headers, ACCESS), get(&headers, REFRESH)), (Some("yes"), Some("abc")));
        assert_eq!(get(&headers, "b"), None);
    }
}
