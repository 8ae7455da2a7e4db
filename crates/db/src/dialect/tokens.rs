//! SQL cut into words, signs, and what must not be touched.

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'t> {
    /// A name or keyword.
    Word(&'t str),
    /// One sign.
    Sign(&'t str),
    /// Quoted text or a quoted name.
    Quoted(&'t str),
    /// Spaces and comments.
    Blank(&'t str),
}

impl<'t> Token<'t> {
    /// The piece as it stands.
    pub const fn text(&self) -> &'t str {
        match self {
            Self::Word(text) | Self::Sign(text) | Self::Quoted(text) | Self::Blank(text) => text,
        }
    }

    /// Whether it says nothing.
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Blank(_))
    }

    /// Whether it is this keyword.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

/// The pieces of a text, which together are the text.
pub fn tokens<'t>(mut rest: &'t str) -> impl Iterator<Item = Token<'t>> {
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (kind, length): (fn(&'t str) -> Token<'t>, usize) = if rest.starts_with("--") {
            (Token::Blank, rest.find('\n').map_or(rest.len(), |at| at + 1))
        } else if first.is_whitespace() {
            (Token::Blank, end(rest, char::is_whitespace))
        } else if first == '\'' || first == '"' || first == '`' {
            // A doubled quote reads as two pieces, which serves as well.
            (Token::Quoted, rest[1..].find(first).map_or(rest.len(), |at| at + 2))
        } else if first.is_alphanumeric() || first == '_' {
            (Token::Word, end(rest, |c| c.is_alphanumeric() || c == '_'))
        } else {
            (Token::Sign, first.len_utf8())
        };
        let (piece, more) = rest.split_at(length);
        rest = more;
        Some(kind(piece))
    })
}

fn end(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_text() {
        let text = "select a.b, 'it''s ?' from \"t\" -- why?\nwhere x>=?";
        assert_eq!(tokens(text).map(|t| t.text()).collect::<String>(), text);
        assert_eq!(tokens(text).filter(|t| *t == Token::Sign("?")).count(), 1);
    }
}
