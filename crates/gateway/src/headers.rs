//! Headers that must not go on, and those that must.

use api::edge::{ClientIp, X_FORWARDED_FOR, X_USER_ID};
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
    let plain =
        name.bytes().map(|byte| if matches!(byte, b'_' | b'.') { b'-' } else { byte.to_ascii_lowercase() });
    let mut prefix = b"x-user-".iter();
    plain.zip(prefix.by_ref()).all(|(have, want)| have == *want) && prefix.len() == 0
}

/// Says where the request came from, whatever the client says of that.
pub fn set_client(headers: &mut HeaderMap, client: Option<ClientIp>) {
    headers.remove(X_FORWARDED_FOR);
    let address = client.and_then(|ClientIp(address)| HeaderValue::try_from(address.to_string()).ok());
    headers.extend(address.map(|address| (X_FORWARDED_FOR, address)));
}

/// What the upstream is called, rather than what we are.
pub fn set_host(headers: &mut HeaderMap, host: HeaderValue) {
    headers.insert(HOST, host);
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
