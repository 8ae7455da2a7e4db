//! Comments say why. What is to be done is written elsewhere, and a file that needs banners needs splitting.

use super::sources::{File, files, sources};
use super::verdict;

/// Endings of files whose comments stand at the start of a line. Scripts and the Makefile have none.
const OTHERS: [&str; 8] = ["js", "css", "sql", "toml", "yml", "yaml", "sh", ""];

/// A comment's text, whatever opens it.
fn unopened(comment: &str) -> &str {
    let text = comment.trim();
    let opener =
        ["///", "//!", "//", "/*", "--", "#", "*"].into_iter().find(|opener| text.starts_with(opener));
    opener.map_or("", |opener| text[opener.len()..].trim_start())
}

fn is_banner(comment: &str) -> bool {
    let text = unopened(comment);
    text.chars()
        .next()
        .is_some_and(|first| "-=*~_#/".contains(first) && text.starts_with(&first.to_string().repeat(4)))
}

fn is_promise(comment: &str) -> bool {
    let mut words = unopened(comment).split(|letter: char| !letter.is_ascii_alphabetic());
    words.any(|word| ["TODO", "FIXME", "XXX", "HACK"].contains(&word))
}

/// Every line of a comment, in Rust and beside it.
fn lines() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let rust = sources().iter().flat_map(|source| {
        source.comments.iter().flat_map(move |comment| {
            let lines = comment.text.lines().enumerate();
            lines.map(move |(at, text)| (source.file.path.as_str(), comment.line + at, text))
        })
    });
    let is_other = |file: &&File| OTHERS.contains(&file.ending());
    let others = files().iter().filter(is_other).flat_map(|file| {
        let comments = file.lines().filter(|(_, text)| !unopened(text).is_empty());
        comments.map(move |(line, text)| (file.path.as_str(), line, text))
    });
    rust.chain(others)
}

#[test]
fn a_comment_is_no_banner() {
    let banners = lines().filter(|(_, _, text)| is_banner(text));
    verdict::nothing(
        banners
            .map(|(path, line, _)| verdict::at(path, line, "take the banner out, or split the file there")),
    );
}

#[test]
fn a_comment_promises_nothing() {
    let promises = lines().filter(|(_, _, text)| is_promise(text));
    verdict::nothing(
        promises.map(|(path, line, _)| verdict::at(path, line, "do it now, or write it down as a task")),
    );
}

#[test]
fn banners_and_promises_are_known() {
    assert!(
        ["// -----", "////////", "//=====", "// ---- Reading ----", "/******", "-- ----", "# ===="]
            .into_iter()
            .all(is_banner)
    );
    assert!(!["/// | a |", "/// # Errors", "// a -- b", "-- Why.", "//! - one"].into_iter().any(is_banner));
    assert!(is_promise("// TODO: more") && is_promise("/* FIXME */") && !is_promise("// a todo list"));
}
