//! SQL has one home in each domain.

use super::lexer::{Kind, Token};
use super::sources::{Source, sources};
use super::verdict;

/// Pieces that are appended to a statement.
const FRAGMENTS: [&str; 9] = ["= ?", "< ?", "> ?", "<= ?", ">= ?", "in (?", "like ?", "limit ?", "values (?"];

/// What `create`, `drop` and `alter` are followed by when they are SQL and not prose.
const THINGS: [&str; 10] =
    ["table", "index", "unique", "view", "trigger", "database", "schema", "temporary", "temp", "virtual"];

/// Is it a statement, the beginning of one, or a fragment with an argument?
pub fn is_sql(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split_whitespace();
    let first = words.next().unwrap_or_default();
    let goes_on = lower.trim_start().len() > first.len();
    let second = words.next().unwrap_or_default();
    match first {
        "select" | "pragma" => goes_on,
        "insert" => ["into", "or", "ignore"].contains(&second),
        "delete" => second == "from",
        "update" => words.any(|word| word == "set") || goes_on && lower.ends_with(char::is_whitespace),
        "with" => second == "recursive" || lower.contains(" as ("),
        "create" | "drop" | "alter" => THINGS.contains(&second),
        "order" | "group" => second == "by" && words.next().is_some(),
        _ => FRAGMENTS.iter().any(|fragment| lower.contains(fragment)),
    }
}

/// The same text with blanks for what stands in quotes or comments, so that positions stay.
pub fn without_quotes_and_comments(sql: &str) -> String {
    let (mut plain, mut until) = (String::new(), None);
    for (at, letter) in sql.char_indices() {
        until = match until {
            Some(end) if end == letter => None,
            None if letter == '\'' => Some('\''),
            None if sql[at..].starts_with("--") => Some('\n'),
            same => same,
        };
        let hidden = until.is_some() || letter == '\'';
        plain.extend(std::iter::repeat_n(
            if hidden { ' ' } else { letter },
            if hidden { letter.len_utf8() } else { 1 },
        ));
    }
    plain
}

/// The string literals of a file that belong to the program.
pub fn texts(source: &Source) -> impl Iterator<Item = &Token> {
    source.program().filter(|token| token.kind == Kind::Text)
}

#[test]
fn sql_is_written_in_stores_and_migrations_alone() {
    let outside =
        sources().iter().filter(|source| source.file.crate_name() != "db" && !source.plays("store"));
    verdict::nothing(outside.flat_map(|source| {
        let statements = texts(source).filter(|token| is_sql(&token.text));
        statements.map(|token| {
            let words: Vec<&str> = token.text.split_whitespace().take(4).collect();
            verdict::at(
                &source.file.path,
                token.line,
                format!("move `{} …` into `store.rs`", words.join(" ")),
            )
        })
    }));
}

#[test]
fn statements_and_their_pieces_are_known() {
    for sql in [
        "select id from tasks",
        "\n  SELECT id",
        "insert into tasks (id) values (?)",
        "update tasks set title = ?",
        "update ",
        "update {table} ",
        "delete from tasks",
        "with mine as (select 1) select 2",
        "create unique index tasks_due on tasks (due)",
        "pragma wal_checkpoint",
        " and owner_id = ?",
        " order by id desc",
    ] {
        assert!(is_sql(sql), "{sql}");
    }
}

#[test]
fn prose_is_no_sql() {
    for prose in [
        "update of the task was lost",
        "with love",
        "create a user",
        "delete the task",
        "selected",
        "drop it",
        "and so on",
    ] {
        assert!(!is_sql(prose), "{prose}");
    }
}

#[test]
fn quotes_and_comments_are_blanked_in_place() {
    let sql = "a -- b'\nselect 'C -- é' from d";
    let plain = without_quotes_and_comments(sql);
    assert_eq!(plain.split_whitespace().collect::<Vec<_>>(), ["a", "select", "from", "d"]);
    assert_eq!(plain.lines().count(), 2);
    assert_eq!(plain.len(), sql.len());
}
