//! How SQL is written, in stores and in migrations.

use super::lexer::Token;
use super::sources::{Source, files, sources};
use super::sql::{texts, without_quotes_and_comments};
use super::verdict;

/// Keywords that are shouted where people shout.
const KEYWORDS: &str = "ADD ALTER AND AS ASC BEGIN BY CASE COMMIT CONFLICT CONSTRAINT CREATE DELETE DESC DISTINCT \
    DROP EXISTS FROM GROUP HAVING IN INDEX INSERT INTO IS JOIN LIMIT NOT NULL ON OR ORDER \
    PRIMARY REFERENCES SELECT SET TABLE UNION UNIQUE UPDATE VALUES WHERE";

/// The words of a statement, quotes and comments left out.
fn words(sql: &str) -> Vec<String> {
    let plain = without_quotes_and_comments(sql);
    let split = plain
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '*' && letter != '.');
    split.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn shouted(sql: &str) -> Option<String> {
    words(sql).into_iter().find(|word| KEYWORDS.split(' ').any(|keyword| keyword == word))
}

fn takes_every_column(sql: &str) -> bool {
    let all = words(sql);
    let first = |pair: &[String]| pair[0].eq_ignore_ascii_case("select") && pair[1] == "*";
    all.windows(2).any(first) || all.iter().any(|word| word.ends_with(".*"))
}

/// Every literal of every store: in a store, what is no statement is a piece of one.
fn statements() -> impl Iterator<Item = (&'static Source, &'static Token)> {
    let stores = sources().iter().filter(|source| source.plays("store"));
    stores.flat_map(|source| texts(source).map(move |token| (source, token)))
}

#[test]
fn a_statement_names_its_columns() {
    let starred = statements().filter(|(_, token)| takes_every_column(&token.text));
    let advice = "name the columns, never `*`";
    verdict::nothing(starred.map(|(source, token)| verdict::at(&source.file.path, token.line, advice)));
}

#[test]
fn a_statement_returns_nothing_that_was_written() {
    let returning = statements()
        .filter(|(_, token)| words(&token.text).iter().any(|word| word.eq_ignore_ascii_case("returning")));
    let advice = "not every engine has `returning`: ids are made by the program, so nothing need come back";
    verdict::nothing(returning.map(|(source, token)| verdict::at(&source.file.path, token.line, advice)));
}

#[test]
fn sql_is_written_in_lower_case() {
    let advice = |word: &str| format!("write `{}` for `{word}`", word.to_lowercase());
    let in_stores = statements().filter_map(|(source, token)| {
        shouted(&token.text).map(|word| verdict::at(&source.file.path, token.line, advice(&word)))
    });
    let migrations = files().iter().filter(|file| file.ending() == "sql");
    let in_migrations = migrations.filter_map(|file| {
        let word = shouted(&file.text)?;
        let plain = without_quotes_and_comments(&file.text);
        let line = plain.lines().position(|line| shouted(line).is_some()).unwrap_or_default();
        Some(verdict::at(&file.path, line + 1, advice(&word)))
    });
    verdict::nothing(in_stores.chain(in_migrations));
}

#[test]
fn a_star_is_seen_wherever_it_takes_columns() {
    assert!(takes_every_column("select  *\nfrom t") && takes_every_column("select a, t.* from t"));
    assert!(!takes_every_column("select count(*), a * b from t where c = '.*'"));
}

#[test]
fn a_shout_is_heard_outside_quotes_alone() {
    assert_eq!(shouted("select a FROM t").as_deref(), Some("FROM"));
    assert_eq!(shouted("select 'NOT' from t -- WHERE"), None);
}
