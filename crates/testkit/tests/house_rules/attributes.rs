//! An exception from a lint is expected, with its reason, so that it goes when its cause does.

use super::lexer::Token;
use super::sources::{Source, sources};
use super::syntax::{Attribute, attributes, closing};
use super::verdict;

/// What stands between the brackets of each `name(…)` in an attribute.
fn calls<'a>(attribute: &Attribute<'a>, name: &'static str) -> Vec<&'a [Token]> {
    let inside = attribute.inside;
    let starts = (1..inside.len()).filter(|at| inside[*at].is_mark('(') && inside[at - 1].is_word(name));
    starts.map(|at| &inside[at..closing(inside, at)]).collect()
}

fn gives_reason(arguments: &[Token]) -> bool {
    arguments
        .windows(3)
        .any(|three| three[0].is_word("reason") && three[1].is_mark('=') && three[2].text.len() > 3)
}

fn each_attribute() -> impl Iterator<Item = (&'static Source, Attribute<'static>)> {
    sources()
        .iter()
        .flat_map(|source| attributes(&source.code).into_iter().map(move |attribute| (source, attribute)))
}

#[test]
fn nothing_is_allowed_that_could_be_expected() {
    let allowing = each_attribute().filter(|(_, attribute)| !calls(attribute, "allow").is_empty());
    let advice = "write `#[expect(…, reason = \"…\")]`, or mend what the lint found";
    verdict::nothing(
        allowing.map(|(source, attribute)| verdict::at(&source.file.path, attribute.line, advice)),
    );
}

#[test]
fn an_expectation_gives_its_reason() {
    let silent = each_attribute()
        .filter(|(_, attribute)| calls(attribute, "expect").iter().any(|call| !gives_reason(call)));
    verdict::nothing(
        silent.map(|(source, attribute)| {
            verdict::at(&source.file.path, attribute.line, "add `reason = \"…\"`")
        }),
    );
}

#[test]
fn a_reason_is_found_in_any_form_of_the_attribute() {
    let judge = |text: &str| {
        let code = super::lexer::tokens(text);
        let found = attributes(&code);
        let calls = calls(&found[0], "expect");
        calls.iter().all(|call| gives_reason(call)) && !calls.is_empty()
    };
    assert!(judge("#![expect(clippy::a, reason = \"it (really) must\")]"));
    assert!(judge("#[cfg_attr(test, expect(a, reason = \"tests do\"))]"));
    assert!(!judge("#[expect(clippy::a)]") && !judge("#[expect(clippy::a, reason = \"\")]"));
}
