//! The lists of tags that conditions are made of.

use axum::http::HeaderValue;

/// What a condition names.
#[derive(Debug, PartialEq, Eq)]
pub enum Named<'h> {
    /// Whatever is there: `*`.
    Any,
    /// These.
    Tags(Vec<Tag<'h>>),
}

/// A tag as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'h> {
    /// Whether what has it need only be as good, not the same.
    pub weak: bool,
    /// What stands between the quotes.
    pub opaque: &'h [u8],
}

impl<'h> Named<'h> {
    /// What these lines name together; `None` when one of them is no list of tags, or none names anything.
    pub fn read(lines: impl IntoIterator<Item = &'h HeaderValue>) -> Option<Self> {
        let mut lines = lines.into_iter().map(|line| line.as_bytes().trim_ascii()).peekable();
        if lines.peek() == Some(&b"*".as_slice()) {
            lines.next();
            return lines.next().is_none().then_some(Self::Any);
        }
        let mut tags = Vec::new();
        for line in lines {
            list(line, &mut tags)?;
        }
        (!tags.is_empty()).then_some(Self::Tags(tags))
    }
}

/// Reads a line. Commas too many are allowed (RFC 9110, 5.6.1), one too few is not.
fn list<'h>(line: &'h [u8], tags: &mut Vec<Tag<'h>>) -> Option<()> {
    let mut rest = line;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let (tag, after) = one(rest)?;
        tags.push(tag);
        rest = after.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    Some(())
}

/// The tag that this begins with, and what follows it.
fn one(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let strong = text.strip_prefix(b"W/");
    let inner = strong.unwrap_or(text).strip_prefix(b"\"")?;
    let end = inner.iter().position(|byte| *byte == b'"')?;
    let (opaque, after) = (&inner[..end], &inner[end + 1..]);
    let is_letter = |byte: &u8| matches!(byte, 0x21 | 0x23..=0x7E | 0x80..);
    opaque.iter().all(is_letter).then_some((Tag { weak: strong.is_some(), opaque }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Option<Vec<(bool, String)>> {
        let lines: Vec<_> = lines.iter().map(|line| HeaderValue::from_static(line)).collect();
        match Named::read(&lines)? {
            Named::Any => Some(vec![(false, "any".to_owned())]),
            Named::Tags(tags) => {
                let text = |tag: Tag<'_>| String::from_utf8(tag.opaque.to_vec()).unwrap();
                Some(tags.into_iter().map(|tag| (tag.weak, text(tag))).collect())
            }
        }
    }

    fn is(lines: &[&'static str], wanted: &[(bool, &str)]) {
        let wanted = wanted.iter().map(|(weak, opaque)| (*weak, (*opaque).to_owned()));
        assert_eq!(read(lines), Some(wanted.collect()), "{lines:?}");
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        is(&["\"xyzzy\""], &[(false, "xyzzy")]);
        is(
            &["\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\""],
            &[(false, "xyzzy"), (false, "r2d2xxxx"), (false, "c3piozzzz")],
        );
        is(
            &["W/\"xyzzy\", W/\"r2d2xxxx\", W/\"c3piozzzz\""],
            &[(true, "xyzzy"), (true, "r2d2xxxx"), (true, "c3piozzzz")],
        );
        is(&["*"], &[(false, "any")]);
        is(&["\"\""], &[(false, "")]);
    }

    #[test]
    fn tags_may_have_commas_and_lists_more_of_them() {
        is(&["\"a,b\",,\t\"c\" , "], &[(false, "a,b"), (false, "c")]);
        is(&["\"a\"", ",", "W/\"b\""], &[(false, "a"), (true, "b")]);
    }

    #[test]
    fn what_is_no_list_of_tags_is_not_read() {
        for line in [
            "",
            " ",
            ",",
            "3",
            "\"3",
            "3\"",
            "\"a\" \"b\"",
            "\"a\"\"b\"",
            "w/\"a\"",
            "W/ \"a\"",
            "\"a b\"",
            "*, \"a\"",
            "\"a\", *",
            "**",
        ] {
            assert_eq!(read(&[line]), None, "{line:?}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["*", "*"]), None);
        assert_eq!(read(&["\"a\"", "nonsense"]), None);
    }
}
