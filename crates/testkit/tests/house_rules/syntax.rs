//! The little of Rust's grammar that the rules need: attributes, functions, and what is compiled for tests only.

use std::ops::RangeInclusive;

use super::lexer::{Kind, Token};

/// `#[…]` or `#![…]`.
pub struct Attribute<'a> {
    /// The line of its `#`.
    pub line: usize,
    /// What stands between the brackets.
    pub inside: &'a [Token],
    /// True for `#![…]`.
    inner: bool,
    /// The index of the token after it.
    after: usize,
}

impl Attribute<'_> {
    /// Does what it stands on exist in tests only?
    fn is_for_tests(&self) -> bool {
        let words: Vec<&str> = words(self.inside).collect();
        match words.as_slice() {
            ["cfg", rest @ ..] => rest.contains(&"test") && !rest.contains(&"not"),
            _ => path(self.inside).last() == Some(&"test"),
        }
    }
}

/// A function with a body.
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// The line of its `fn`.
    pub line: usize,
    /// How many lines it takes, from `fn` to its closing brace.
    pub length: usize,
    /// What stands between `fn` and the body.
    pub signature: &'a [Token],
    /// True for `pub` and `pub(…)`.
    pub is_public: bool,
    /// Is `#[test]` on it, or a runtime's own sort of it?
    pub is_test: bool,
}

/// The words among some tokens.
pub fn words(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text.as_str())
}

/// The path that the tokens begin with: `a::b(c)` gives `a`, `b`.
fn path(tokens: &[Token]) -> Vec<&str> {
    let end = tokens.iter().position(|token| token.kind != Kind::Word && !token.is_mark(':'));
    words(&tokens[..end.unwrap_or(tokens.len())]).collect()
}

/// The index of the bracket that closes the one at `open`, or of the last token when none does.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Kind::Mark) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// Every attribute, in order.
pub fn attributes(code: &[Token]) -> Vec<Attribute<'_>> {
    let starts = (0..code.len()).filter(|at| code[*at].is_mark('#'));
    starts
        .filter_map(|at| {
            let inner = code.get(at + 1)?.is_mark('!');
            let open = at + 1 + usize::from(inner);
            if !code.get(open)?.is_mark('[') {
                return None;
            }
            let close = closing(code, open);
            Some(Attribute { line: code[at].line, inside: &code[open + 1..close], inner, after: close + 1 })
        })
        .collect()
}

/// Where an item ends.
struct Extent {
    /// The index of its last token: its `;`, or the brace that closes its body.
    end: usize,
    /// The index of the brace that opens its body.
    body: Option<usize>,
}

/// The extent of the item, field or statement that starts at `from`.
fn extent(code: &[Token], from: usize) -> Extent {
    let mut at = from;
    while let Some(token) = code.get(at) {
        match token.text.as_str() {
            _ if token.kind != Kind::Mark => at += 1,
            "{" => return Extent { end: closing(code, at), body: Some(at) },
            "(" | "[" => at = closing(code, at) + 1,
            ";" | ")" | "]" | "}" => return Extent { end: at, body: None },
            _ => at += 1,
        }
    }
    Extent { end: code.len() - 1, body: None }
}

/// What of a file exists in tests only.
pub struct TestOnly {
    /// The lines of it that do.
    pub lines: Vec<RangeInclusive<usize>>,
    /// The modules with files of their own that do.
    pub modules: Vec<String>,
}

/// Finds what `#[cfg(test)]` and `#[test]` stand on.
pub fn test_only(code: &[Token]) -> TestOnly {
    let mut found = TestOnly { lines: Vec::new(), modules: Vec::new() };
    for attribute in attributes(code).iter().filter(|attribute| attribute.is_for_tests()) {
        if attribute.inner {
            found.lines.push(1..=usize::MAX);
            continue;
        }
        let end = extent(code, attribute.after).end;
        found.lines.push(attribute.line..=code[end].line);
        if let [.., module, name, semicolon] = &code[..=end]
            && module.is_word("mod")
            && semicolon.is_mark(';')
        {
            found.modules.push(name.text.clone());
        }
    }
    found
}

/// Every function that has a body, in order.
pub fn functions(code: &[Token]) -> Vec<Function<'_>> {
    let is_function =
        |at: &usize| code[*at].is_word("fn") && code.get(at + 1).is_some_and(|next| next.kind == Kind::Word);
    let attributes = attributes(code);
    let tests = attributes.iter().filter(|attribute| path(attribute.inside).last() == Some(&"test"));
    let tests: Vec<usize> = tests.filter_map(|test| (test.after..code.len()).find(is_function)).collect();
    let all = (0..code.len()).filter(is_function);
    all.filter_map(|at| {
        let Extent { end, body } = extent(code, at);
        Some(Function {
            name: &code[at + 1].text,
            line: code[at].line,
            length: code[end].line - code[at].line + 1,
            signature: &code[at + 1..body?],
            is_public: is_public(&code[..at]),
            is_test: tests.contains(&at),
        })
    })
    .collect()
}

/// Does what follows these tokens begin with `pub`, other modifiers between?
fn is_public(before: &[Token]) -> bool {
    const MODIFIERS: [&str; 8] = ["async", "const", "unsafe", "(", ")", "crate", "super", "pub"];
    before
        .iter()
        .rev()
        .take_while(|token| MODIFIERS.contains(&token.text.as_str()))
        .any(|token| token.is_word("pub"))
}

mod tests {
    use super::super::lexer::tokens;
    use super::*;

    #[test]
    fn what_stands_under_cfg_test_is_for_tests() {
        let code = tokens(
            "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod b {\n fn c() {}\n}\n#[cfg(not(test))]\nfn d() {}",
        );
        assert_eq!(test_only(&code).lines, [2..=6]);
    }

    #[test]
    fn a_module_for_tests_may_have_its_own_file() {
        assert_eq!(test_only(&tokens("#[cfg(test)]\nmod checks;\nmod store;")).modules, ["checks"]);
        assert_eq!(test_only(&tokens("#![cfg(test)]\nfn a() {}")).lines, [1..=usize::MAX]);
    }

    #[test]
    fn a_function_is_measured_from_fn_to_its_brace() {
        let code =
            tokens("pub(crate) async fn a<T>(x: [u8; 2]) -> T\nwhere\n T: B,\n{\n if x { y }\n}\nfn b();");
        let found = functions(&code);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name, found[0].length, found[0].is_public), ("a", 6, true));
        assert!(words(found[0].signature).any(|word| word == "where"));
    }

    #[test]
    fn a_test_is_known_by_its_attribute() {
        let code = tokens(
            "#[tokio::test(flavor = \"x\")]\nasync fn a() {}\nfn b() {}\n#[test]\n#[ignore]\nfn c() {}",
        );
        let found: Vec<bool> = functions(&code).iter().map(|function| function.is_test).collect();
        assert_eq!(found, [true, false, true]);
    }

    #[test]
    fn an_attribute_is_found_with_what_is_in_it() {
        let code = tokens("#![expect(a::b, reason = \"[c]\")]\nlet x = [y];");
        let found = attributes(&code);
        assert_eq!(found.len(), 1);
        assert_eq!(words(found[0].inside).collect::<Vec<_>>(), ["expect", "a", "b", "reason"]);
    }
}
