//! Headers that must not go on, and those that must.

use std::time::Duration;

use api::edge::{
    ClientIp, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REQUEST_TIMEOUT, X_USER_ID,
};
use axum::extract::Request;
use axum::http::header::{
    CONNECTION, HOST, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName as Name};
use types::UserId;

/// Meant for the next hop alone.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    Name::from_static("keep-alive"),
    Name::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Takes away what was meant for this hop: the known headers, and those that `Connection` names.
pub fn strip_hop(headers: &mut HeaderMap) {
    let named: Vec<Name> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

/// Takes away whatever claims to say who the user is, in any spelling, and says who it really is.
pub fn set_identity(headers: &mut HeaderMap, user: Option<UserId>) {
    let claims: Vec<Name> = headers.keys().filter(|name| claims_identity(name.as_str())).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
    if let Some(user) = user {
        headers.insert(X_USER_ID, HeaderValue::from(user.number()));
    }
}

/// Whether a service that is generous about spelling could take this for one of our identity headers.
fn claims_identity(name: &str) -> bool {
    begins(name, b"x-user-")
}

/// Whether a name, written in plain lower case with hyphens, begins so.
fn begins(name: &str, prefix: &[u8]) -> bool {
    let plain =
        name.bytes().map(|byte| if matches!(byte, b'_' | b'.') { b'-' } else { byte.to_ascii_lowercase() });
    let mut prefix = prefix.iter();
    plain.zip(prefix.by_ref()).all(|(have, want)| have == *want) && prefix.len() == 0
}

/// Says where the request came from, whatever the client says of that. Scheme and name the edge has settled already.
pub fn set_origin(headers: &mut HeaderMap, client: Option<ClientIp>, called: Option<HeaderValue>) {
    let claims: Vec<Name> = headers.keys().filter(|name| claims_origin(name)).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
    let address = client.and_then(|ClientIp(address)| HeaderValue::try_from(address.to_string()).ok());
    headers.extend(address.map(|address| (X_FORWARDED_FOR, address)));
    if let Some(called) = called.filter(|_| !headers.contains_key(X_FORWARDED_HOST)) {
        headers.insert(X_FORWARDED_HOST, called);
    }
    if !headers.contains_key(X_FORWARDED_PROTO) {
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
}

/// Whether a service could take this for where the request came from.
fn claims_origin(name: &Name) -> bool {
    let settled = *name == X_FORWARDED_HOST || *name == X_FORWARDED_PROTO;
    let claims = [&b"x-forwarded-"[..], b"forwarded", b"x-real-ip"];
    !settled && claims.iter().any(|claim| begins(name.as_str(), claim))
}

/// For how long we wait for an answer.
pub fn set_patience(headers: &mut HeaderMap, patience: Duration) {
    let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
    headers.insert(X_REQUEST_TIMEOUT, HeaderValue::from(millis));
}

/// What the client calls us: HTTP/2 says it in the address.
pub fn called(request: &Request) -> Option<HeaderValue> {
    let named = || HeaderValue::from_str(request.uri().authority()?.as_str()).ok();
    request.headers().get(HOST).cloned().or_else(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (Name::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn identity_headers_are_stripped_in_every_spelling() {
        let mut all = headers(&[
            ("x-user-id", "1"),
            ("x_user_id", "2"),
            ("x.user.id", "3"),
            ("x-user_role", "admin"),
            ("x-use", "stays"),
            ("x-user", "stays"),
            ("x-username", "stays"),
        ]);
        all.append("x-user-id", HeaderValue::from_static("4"));
        set_identity(&mut all, Some(UserId::trusted(17)));
        assert_eq!(all.get_all("x-user-id").iter().collect::<Vec<_>>(), ["17"]);
        assert_eq!(all.len(), 4);
        set_identity(&mut all, None);
        assert!(all.get("x-user-id").is_none());
    }

    #[test]
    fn only_we_say_where_a_request_came_from() {
        let mut all = headers(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x_forwarded_for", "2.2.2.2"),
            ("x.forwarded.proto", "https"),
            ("x-forwarded_host", "evil.example"),
            ("x-forwarded-port", "1"),
            ("x-real-ip", "3.3.3.3"),
            ("x_real.ip", "3.3.3.3"),
            ("forwarded", "for=4.4.4.4"),
            ("x-forward", "stays"),
        ]);
        let client = ClientIp("203.0.113.7".parse().unwrap());
        set_origin(&mut all, Some(client), Some(HeaderValue::from_static("house.example")));
        let mut said: Vec<_> =
            all.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                ("x-forward", "stays"),
                ("x-forwarded-for", "203.0.113.7"),
                ("x-forwarded-host", "house.example"),
                ("x-forwarded-proto", "http"),
            ]
        );
    }

    #[test]
    fn headers_of_this_hop_go_no_further() {
        let mut all = headers(&[
            ("connection", "close, X-Secret"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ]);
        strip_hop(&mut all);
        assert_eq!(all.keys().collect::<Vec<_>>(), ["accept"]);
    }
}
