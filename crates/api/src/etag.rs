//! Tags of answers (RFC 9110, 8.8.3): whoever has an answer already is told so, instead of being sent it again.

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};
use xxhash_rust::xxh3::xxh3_128;

/// The strong tag of a body. It is the same in every process, and needs no secrecy: whoever could make two bodies with one
/// tag would mislead only themselves.
pub fn of_body(body: &[u8]) -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut tag = [b'"'; 34];
    for (place, byte) in tag[1..33].chunks_exact_mut(2).zip(xxh3_128(body).to_be_bytes()) {
        place[0] = DIGITS[usize::from(byte >> 4)];
        place[1] = DIGITS[usize::from(byte & 15)];
    }
    HeaderValue::from_bytes(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the client has what bears this tag, by its `If-None-Match`: a list, compared weakly (RFC 9110, 13.1.2), since a
/// proxy that compresses marks our tag as weak.
pub fn matches_any(headers: &HeaderMap, etag: &str) -> bool {
    let etag = opaque(etag);
    let lists = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| tag == "*" || opaque(tag) == etag)
}

/// A tag without the mark of weakness.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_the_body_and_of_nothing_else() {
        let tag = of_body(b"one");
        assert_eq!(tag, of_body(b"one"));
        assert_ne!(tag, of_body(b"two"));
        let text = tag.to_str().unwrap();
        assert_eq!(text.len(), 34);
        assert!(text[1..33].bytes().all(|digit| digit.is_ascii_hexdigit()), "{text}");
    }

    #[test]
    fn a_list_of_tags_is_compared_weakly() {
        let asked = |lists: &[&'static str]| -> HeaderMap {
            lists.iter().map(|list| (IF_NONE_MATCH, HeaderValue::from_static(list))).collect()
        };
        for hit in [&["\"a\""][..], &["W/\"a\""], &["*"], &["\"b\", \"a\""], &["\"b\"", " \"c\" ,W/\"a\""]] {
            assert!(matches_any(&asked(hit), "\"a\"") && matches_any(&asked(hit), "W/\"a\""), "{hit:?}");
        }
        for miss in [&[][..], &["\"b\""], &["a"], &["\"A\""], &["\"a\"b"], &[""]] {
            assert!(!matches_any(&asked(miss), "\"a\""), "{miss:?}");
        }
    }
}
