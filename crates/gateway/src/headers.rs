//! Headers that must not go on, and those that must.

use std::fmt::Arguments;
use std::io::Write;

use api::edge::{
    Asked, Deadline, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REQUEST_TIMEOUT, X_USER_ID,
    is_encrypted,
};
use api::{TRACEPARENT, X_REQUEST_ID};
use axum::http::header::{
    CONNECTION, HOST, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName as Name};

use crate::upstream::ANSWER;

/// Meant for the next hop alone.
static HOP_BY_HOP: [HeaderName; 9] = [
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

/// Said by us alone.
static OURS: [HeaderName; 7] = [
    X_USER_ID,
    X_FORWARDED_FOR,
    X_REQUEST_ID,
    TRACEPARENT,
    X_FORWARDED_HOST,
    X_FORWARDED_PROTO,
    X_REQUEST_TIMEOUT,
];

/// Takes away what was meant for this hop: the known headers, and those that `Connection` names.
pub fn strip_hop(headers: &mut HeaderMap) {
    strip(headers, |name| HOP_BY_HOP.contains(name));
}

/// Takes away what must not go on to a service: what was meant for this hop, and whatever claims to say who the user is or
/// where the request came from, in any spelling. Scheme and name the edge has settled already.
pub fn strip_claims(headers: &mut HeaderMap) {
    strip(headers, |name| HOP_BY_HOP.contains(name) || claims_identity(name.as_str()) || claims_origin(name));
}

/// Looks at each header once, since most go on.
fn strip(headers: &mut HeaderMap, goes: impl Fn(&Name) -> bool) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok());
    // What the client calls us is said to every hop.
    let named = named.filter(|name| *name != HOST);
    let going: Vec<Name> = named.chain(headers.keys().filter(|name| goes(name)).cloned()).collect();
    for name in going {
        headers.remove(name);
    }
}

/// What we say of a request, in the place of its client: by whom it was made, from where, what it is called in logs and
/// traces, and for how long somebody waits, where that is less than we would ourselves.
pub fn ours(head: &Parts, span: u64, mut say: impl FnMut(&Name, &[u8])) {
    let Parts { headers, uri, extensions, .. } = head;
    let asked = Asked::of(extensions);
    let mut room = Room([0; LONGEST]);
    if let Some(user) = asked.and_then(|asked| asked.identity.user()) {
        say(&X_USER_ID, room.written(format_args!("{}", user.number())));
    }
    if let Some(asked) = asked {
        say(&X_FORWARDED_FOR, room.written(format_args!("{}", asked.client.0)));
        say(&X_REQUEST_ID, asked.id.as_str().as_bytes());
        say(&TRACEPARENT, &asked.trace.parent(headers, span));
    }
    // HTTP/2 says in the address what the client calls us.
    let named = || headers.get(HOST).map(HeaderValue::as_bytes);
    let called = headers.get(X_FORWARDED_HOST).map(HeaderValue::as_bytes).or_else(named);
    if let Some(called) = called.or_else(|| Some(uri.authority()?.as_str().as_bytes())) {
        say(&X_FORWARDED_HOST, called);
    }
    say(&X_FORWARDED_PROTO, if is_encrypted(headers) { b"https" } else { b"http" });
    let left = asked.and_then(|asked| asked.deadline).map(Deadline::left);
    if let Some(left) = left.filter(|left| *left < ANSWER) {
        say(&X_REQUEST_TIMEOUT, room.written(format_args!("{}", left.as_millis())));
    }
}

/// Whether we say this ourselves, whatever the client says.
pub fn is_ours(name: &Name) -> bool {
    OURS.contains(name)
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

/// Whether a service could take this for where the request came from.
fn claims_origin(name: &Name) -> bool {
    let settled = *name == X_FORWARDED_HOST || *name == X_FORWARDED_PROTO;
    let claims = [&b"x-forwarded-"[..], b"forwarded", b"x-real-ip"];
    !settled && claims.iter().any(|claim| begins(name.as_str(), claim))
}

/// Room for a number or an address, the longest of which have 20 and 45 letters.
struct Room([u8; LONGEST]);

const LONGEST: usize = 45;

impl Room {
    fn written(&mut self, what: Arguments<'_>) -> &[u8] {
        let mut rest = &mut self.0[..];
        let _ = rest.write_fmt(what);
        let left = rest.len();
        &self.0[..LONGEST - left]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use api::edge::{ClientIp, Identity};
    use axum::http::Request;
    use types::{Caller, Role, SessionId, UserId};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (Name::from_static(name), HeaderValue::from_static(value))).collect()
    }

    /// What a service is told of a request with these headers.
    fn told(all: HeaderMap, asked: Asked) -> HeaderMap {
        let (mut head, ()) = Request::new(()).into_parts();
        head.headers = all;
        strip_claims(&mut head.headers);
        head.extensions.insert(asked);
        let mut told = HeaderMap::new();
        ours(&head, 1, |name, value| _ = told.append(name, HeaderValue::from_bytes(value).unwrap()));
        told.extend(head.headers.into_iter().filter(|(name, _)| !name.as_ref().is_some_and(is_ours)));
        told
    }

    fn anybody() -> Asked {
        Asked::by(Identity::Nobody)
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
        let caller = Caller { user: UserId::trusted(17), session: SessionId::trusted(1), role: Role::User };
        let known = told(all.clone(), Asked::by(Identity::Caller(caller)));
        assert_eq!(known.get_all("x-user-id").iter().collect::<Vec<_>>(), ["17"]);
        let user = |headers: &HeaderMap| headers.keys().filter(|name| name.as_str().contains("use")).count();
        assert_eq!(user(&known), 4);
        let unknown = told(all, anybody());
        assert!(!unknown.contains_key("x-user-id"));
        assert_eq!(user(&unknown), 3);
    }

    #[test]
    fn only_we_say_where_a_request_came_from() {
        let lies = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x_forwarded_for", "2.2.2.2"),
            ("x.forwarded.proto", "https"),
            ("x-forwarded_host", "evil.example"),
            ("x-forwarded-port", "1"),
            ("x-real-ip", "3.3.3.3"),
            ("x_real.ip", "3.3.3.3"),
            ("forwarded", "for=4.4.4.4"),
            ("x-forward", "stays"),
            ("host", "house.example"),
            ("connection", "host"),
        ];
        let client = ClientIp("203.0.113.7".parse().unwrap());
        let told = told(headers(&lies), Asked { client, ..anybody() });
        let said = told.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let mut said: Vec<_> =
            said.filter(|(name, _)| name.contains("forw") || name.contains("real")).collect();
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
    fn what_the_edge_has_settled_goes_on() {
        let settled = headers(&[
            ("host", "gateway:8080"),
            ("x-forwarded-host", "house.example"),
            ("x-forwarded-proto", "https"),
            ("x-request-id", "forged id"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ]);
        let told = told(settled, anybody());
        for (name, value) in [
            ("x-forwarded-host", "house.example"),
            ("x-forwarded-proto", "https"),
            ("x-request-id", "-"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01"),
        ] {
            assert_eq!(told.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
        }
    }

    #[test]
    fn a_service_hears_only_of_those_who_wait_for_less_than_usual() {
        let told = |seconds: Option<u64>| {
            let deadline = seconds.map(|seconds| Deadline::after(Duration::from_secs(seconds)));
            let told = told(headers(&[("x-request-timeout", "1")]), Asked { deadline, ..anybody() });
            told.get(X_REQUEST_TIMEOUT).map(|millis| millis.to_str().unwrap().parse::<u64>().unwrap())
        };
        assert_eq!(told(None), None);
        assert_eq!(told(Some(60)), None);
        assert!((4_000..=5_000).contains(&told(Some(5)).unwrap()));
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
