//! Where a request comes from, as far as those are believed who say so.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::serve::Peer;

/// The addresses that a request came from, each proxy adding whom it was called by.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Whether the client's side of a proxy is encrypted.
pub const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// What the client calls us.
pub const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What stands between an edge and the clients.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    /// How many proxies there are that say where a request came from; whatever is said beyond them is anybody's.
    pub proxies: usize,
    /// Whether the edge's own connections are encrypted.
    pub encrypted: bool,
}

/// The client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// This machine.
impl Default for ClientIp {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}

impl ClientIp {
    /// Who is at the other end of the connection, or at the other end of the furthest proxy that is believed. One that
    /// names nobody is the last of them.
    pub(super) fn of(request: &Request, before: Before) -> Self {
        let peer = request.extensions().get::<Peer>().map(|Peer(address)| address.ip());
        let told = said(request.headers(), &X_FORWARDED_FOR, before).map_while(address).last();
        told.or(peer).map_or_else(Self::default, |address| Self(address.to_canonical()))
    }
}

impl Before {
    /// Leaves in the headers only what is believed of the client's connection, for all that look at them behind us.
    pub(super) fn settle(self, headers: &mut HeaderMap) {
        let encrypted = self.encrypted
            || said(headers, &X_FORWARDED_PROTO, self)
                .last()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let host = said(headers, &X_FORWARDED_HOST, self).last().filter(|host| is_host(host));
        let host = host.and_then(|host| HeaderValue::from_str(host).ok());
        headers.remove(X_FORWARDED_PROTO);
        headers.remove(X_FORWARDED_HOST);
        if encrypted {
            headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
        }
        headers.extend(host.map(|host| (X_FORWARDED_HOST, host)));
    }
}

/// Whether the client's connection is encrypted, behind an edge.
pub fn is_encrypted(headers: &HeaderMap) -> bool {
    headers.get(X_FORWARDED_PROTO).is_some_and(|scheme| scheme == "https")
}

/// What the proxies that are believed say, the nearest first. A header that comes in several lines is one list.
fn said<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    before: Before,
) -> impl Iterator<Item = &'h str> + use<'h> {
    // A client's bytes may be anything, and must not make what stands behind them unreadable.
    let words =
        headers.get_all(name).into_iter().rev().flat_map(|value| value.as_bytes().rsplit(|b| *b == b','));
    words.take(before.proxies).map(|word| std::str::from_utf8(word).unwrap_or_default().trim())
}

/// An address as proxies write it: some with a port, and then IPv6 in brackets.
fn address(word: &str) -> Option<IpAddr> {
    let bare = || word.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || word.parse().ok().map(|address: SocketAddr| address.ip());
    word.parse().ok().or_else(with_port).or_else(bare)
}

fn is_host(word: &str) -> bool {
    !word.contains('@') && word.parse::<Authority>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn behind(proxies: usize) -> Before {
        Before { proxies, encrypted: false }
    }

    fn request(headers: &[(HeaderName, &[u8])]) -> Request {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer("192.0.2.1:9".parse().unwrap()));
        for (name, value) in headers {
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        request
    }

    fn client(proxies: usize, lines: &[&[u8]]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| (X_FORWARDED_FOR, *line)).collect();
        ClientIp::of(&request(&lines), behind(proxies)).0.to_string()
    }

    #[test]
    fn addresses_are_counted_from_the_right_as_far_as_there_are_proxies() {
        let line: &[u8] = b"198.51.100.9, 203.0.113.7 ,10.0.0.2";
        assert_eq!(client(0, &[line]), "192.0.2.1");
        assert_eq!(client(1, &[line]), "10.0.0.2");
        assert_eq!(client(2, &[line]), "203.0.113.7");
        assert_eq!(client(3, &[line]), "198.51.100.9");
        assert_eq!(client(9, &[line]), "198.51.100.9");
        assert_eq!(client(2, &[]), "192.0.2.1");
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines: [&[u8]; 2] = [b"198.51.100.9", b"203.0.113.7,10.0.0.2"];
        assert_eq!([client(1, &lines), client(3, &lines)], ["10.0.0.2", "198.51.100.9"]);
    }

    #[test]
    fn addresses_are_read_in_every_spelling_of_proxies() {
        for (written, read) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:DB8::7]:443", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("\t203.0.113.7  ", "203.0.113.7"),
        ] {
            assert_eq!(client(1, &[written.as_bytes()]), read, "{written}");
        }
    }

    #[test]
    fn what_is_no_address_hides_nobody_behind_it() {
        for nonsense in ["unknown", "", "_hidden", "203.0.113.7.9", "\"203.0.113.7\"", "[]", "localhost"] {
            assert_eq!(client(1, &[nonsense.as_bytes()]), "192.0.2.1", "{nonsense}");
            let list = format!("198.51.100.9, {nonsense}, 10.0.0.2");
            assert_eq!(client(3, &[list.as_bytes()]), "10.0.0.2", "{nonsense}");
        }
        assert_eq!(client(1, &[b"\xff\xfe, 203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn only_proxies_say_whether_the_client_is_encrypted_and_what_it_calls_us() {
        let settled = |before: Before, headers: &[(HeaderName, &[u8])]| {
            let mut request = request(headers);
            before.settle(request.headers_mut());
            let host = request.headers().get(X_FORWARDED_HOST).map(|host| host.to_str().unwrap().to_owned());
            (is_encrypted(request.headers()), host)
        };
        let said: [(HeaderName, &[u8]); 2] =
            [(X_FORWARDED_PROTO, b"https"), (X_FORWARDED_HOST, b"evil.example, house.example:8443")];
        assert_eq!(settled(behind(0), &said), (false, None));
        assert_eq!(settled(behind(1), &said), (true, Some("house.example:8443".into())));
        assert_eq!(settled(Before { proxies: 0, encrypted: true }, &[]), (true, None));
        for (lie, encrypted) in [("https, http", false), ("HTTPS", true), ("httpss", false), ("", false)] {
            let headers = [(X_FORWARDED_PROTO, lie.as_bytes())];
            assert_eq!(settled(behind(1), &headers).0, encrypted, "{lie}");
        }
        for nonsense in ["a b", "user@house.example", "", "house.example/path"] {
            assert_eq!(settled(behind(1), &[(X_FORWARDED_HOST, nonsense.as_bytes())]).1, None, "{nonsense}");
        }
    }
}
