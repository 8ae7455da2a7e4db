//! Rust source cut into tokens: just enough to tell code from literals and comments.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word: an identifier or a keyword.
    Word,
    /// `'a`
    Lifetime,
    /// A string of any sort; its text is the content, with the plain escapes resolved.
    Text,
    /// A character or a byte.
    Char,
    /// A number.
    Number,
    /// `//` or `/* */`, documentation included.
    Comment,
    /// One character of anything else.
    Mark,
}

/// A token and the line that it starts on.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text, or a string's content.
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

impl Token {
    /// Is it this word?
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Is it this mark?
    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark && self.text.starts_with(mark)
    }
}

/// The tokens of a source file, in order.
pub fn tokens(source: &str) -> Vec<Token> {
    let (mut rest, mut line, mut found) = (source, 1, Vec::new());
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            line += usize::from(first == '\n');
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (kind, length) = token(rest, first);
        let raw = &rest[..length];
        let text = if kind == Kind::Text { content(raw) } else { raw.to_owned() };
        found.push(Token { kind, text, line });
        line += raw.matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// Gives the length in bytes of what it reads, when `rest` begins with it.
type Reader = fn(&str) -> Option<usize>;

/// The kind and the length in bytes of the token that `rest` begins with.
fn token(rest: &str, first: char) -> (Kind, usize) {
    let readers: [(Kind, Reader); 5] = [
        (Kind::Comment, comment),
        (Kind::Text, raw_text),
        (Kind::Text, text),
        (Kind::Char, character),
        (Kind::Lifetime, lifetime),
    ];
    if let Some(found) = readers.iter().find_map(|(kind, read)| read(rest).map(|length| (*kind, length))) {
        return found;
    }
    match first {
        '0'..='9' => (Kind::Number, word_length(rest)),
        _ if is_word(first) => (Kind::Word, word_length(rest)),
        _ => (Kind::Mark, first.len_utf8()),
    }
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let inside = rest.strip_prefix("/*")?;
    let (mut depth, mut at) = (1, 0);
    while depth > 0 {
        let here = inside.as_bytes().get(at..)?;
        let step = match here {
            [b'/', b'*', ..] => 1,
            [b'*', b'/', ..] => -1,
            [] => return Some(rest.len()),
            _ => 0,
        };
        depth += step;
        at += if step == 0 { 1 } else { 2 };
    }
    Some(at + 2)
}

/// `r"…"`, `r#"…"#`, and the same of bytes and C strings.
fn raw_text(rest: &str) -> Option<usize> {
    let opened = rest.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let body = opened.trim_start_matches('#');
    let end = format!("\"{}", &opened[..opened.len() - body.len()]);
    let body = body.strip_prefix('"')?;
    let start = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

fn text(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('"')?;
    Some(rest.len() - body.len() + quoted(body, '"'))
}

/// `'x'`, `'\''`, `b'x'`. A quote that is not closed after one character begins a lifetime.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('\'')?;
    let mut ahead = body.chars();
    let closes = match ahead.next()? {
        '\\' => true,
        _ => ahead.next() == Some('\''),
    };
    closes.then(|| rest.len() - body.len() + quoted(body, '\''))
}

fn lifetime(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix('\'')?;
    Some(1 + word_length(name))
}

/// The bytes up to and with the closing quote, an escaped one not counting.
fn quoted(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in body.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    body.len()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn word_length(rest: &str) -> usize {
    rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
}

/// A string literal's content: quotes off, plain escapes resolved, a continued line joined as the compiler joins it.
fn content(literal: &str) -> String {
    let open = literal.find('"').unwrap_or(0);
    let fence = literal[..open].matches('#').count();
    let inside = literal.get(open + 1..literal.len() - fence - 1).unwrap_or_default();
    if literal[..open].contains('r') {
        return inside.to_owned();
    }
    let (mut plain, mut letters) = (String::new(), inside.chars());
    while let Some(letter) = letters.next() {
        match if letter == '\\' { letters.next() } else { None } {
            None => plain.push(letter),
            Some('n' | 't' | 'r') => plain.push(' '),
            Some('\n') => letters = letters.as_str().trim_start().chars(),
            Some(other) => plain.push(other),
        }
    }
    plain
}

mod tests {
    use super::*;

    fn of(kind: Kind, source: &str) -> Vec<String> {
        tokens(source).into_iter().filter(|token| token.kind == kind).map(|token| token.text).collect()
    }

    #[test]
    fn a_literal_in_a_comment_is_no_literal() {
        let source = "// \"select 1\"\nlet a = \"b\"; /* \"c\" */ //! \"d\"";
        assert_eq!(of(Kind::Text, source), ["b"]);
        assert_eq!(of(Kind::Comment, source), ["// \"select 1\"", "/* \"c\" */", "//! \"d\""]);
    }

    #[test]
    fn a_comment_in_a_literal_is_no_comment() {
        assert_eq!(of(Kind::Text, r#"f("http://a /* b", 'x')"#), ["http://a /* b"]);
        assert!(of(Kind::Comment, r#"f("http://a /* b", 'x')"#).is_empty());
    }

    #[test]
    fn block_comments_nest() {
        assert_eq!(of(Kind::Word, "/* a /* b */ \"c\" */ d /**/ e /* open"), ["d", "e"]);
    }

    #[test]
    fn raw_strings_end_at_their_own_fence() {
        let source = r###"r"a\" r#"b "quoted" c"# br##"d"# e"## r#type"###;
        assert_eq!(of(Kind::Text, source), [r"a\", r#"b "quoted" c"#, r##"d"# e"##]);
        assert_eq!(of(Kind::Word, source), ["r", "type"]);
    }

    #[test]
    fn an_escaped_quote_ends_nothing() {
        assert_eq!(of(Kind::Text, r#""a\"b" b"c\\" "d""#), [r#"a"b"#, r"c\", "d"]);
    }

    #[test]
    fn a_continued_line_is_joined_and_counted() {
        let found = tokens("\"select a \\\n    from b\"\nnext");
        assert_eq!(found[0].text, "select a from b");
        assert_eq!((found[0].line, found[1].line), (1, 3));
    }

    #[test]
    fn a_lifetime_is_no_character() {
        let source = r"fn f<'a>(x: &'a str, y: &'static str) { ['a', '\'', '\u{1f}', b'\\', '界'] }";
        assert_eq!(of(Kind::Lifetime, source), ["'a", "'a", "'static"]);
        assert_eq!(of(Kind::Char, source), ["'a'", r"'\''", r"'\u{1f}'", r"b'\\'", "'界'"]);
    }

    #[test]
    fn a_quote_as_a_character_opens_no_string() {
        assert_eq!(of(Kind::Text, r#"['"', '"'] "a""#), ["a"]);
    }
}
