//! Migrations: numbered, with a way back, and with a name for everything that can fail or be dropped.

use std::collections::BTreeMap;

use super::lexer::Kind;
use super::sources::{File, files, sources};
use super::sql::without_quotes_and_comments;
use super::verdict::{self, Offence};

/// What a table promises. Each is named, so that its breach can be told apart and a later migration can drop it.
const PROMISES: [&str; 5] = ["primary", "unique", "check", "foreign", "references"];

fn scripts() -> impl Iterator<Item = &'static File> {
    files().iter().filter(|file| file.path.starts_with("crates/") && file.ending() == "sql")
}

/// The scripts that go forward.
fn ups() -> impl Iterator<Item = &'static File> {
    scripts().filter(|file| !file.name().contains(".down."))
}

/// `0001_slots` of `0001_slots.mysql.sql`.
fn stem(file: &File) -> &str {
    file.name().split('.').next().unwrap_or_default()
}

/// The pieces of a script between semicolons, and of a table's body between its commas, with the line each starts on.
fn clauses(script: &str) -> Vec<(usize, String)> {
    let (mut found, mut clause, mut start, mut depth) = (Vec::new(), String::new(), 1, 0_usize);
    for (line, text) in without_quotes_and_comments(script).lines().enumerate() {
        for letter in text.chars().chain(['\n']) {
            depth = match letter {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            let in_table = clause.trim_start().starts_with("create table");
            if letter == ';' || letter == ',' && depth == 1 || letter == '(' && depth == 1 && in_table {
                found.push((start, std::mem::take(&mut clause)));
            } else if !clause.is_empty() || !letter.is_whitespace() {
                start = if clause.is_empty() { line + 1 } else { start };
                clause.push(letter);
            }
        }
    }
    found
}

/// What a clause promises without a name for it.
fn nameless(clause: &str) -> Option<&'static str> {
    let words: Vec<&str> = clause.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let has = |word: &&str| words.contains(word);
    if words.starts_with(&["create"]) || words.starts_with(&["drop"]) || words.starts_with(&["insert"]) {
        return None;
    }
    PROMISES.into_iter().find(has).filter(|_| !has(&"constraint"))
}

/// An index needs a name, and a line that says which query it serves.
fn index_offences(file: &File) -> Vec<Offence> {
    let (mut found, mut before) = (Vec::new(), "");
    for (line, text) in file.lines() {
        let name =
            ["create index", "create unique index"].iter().find_map(|create| text.strip_prefix(create));
        if let Some(name) = name {
            if name.trim_start().starts_with("on ") {
                found.push(verdict::at(&file.path, line, "name the index"));
            }
            if !text.contains("--") && !before.trim_start().starts_with("--") {
                found.push(verdict::at(
                    &file.path,
                    line,
                    "say in a `--` line before it which query it serves",
                ));
            }
        }
        before = text;
    }
    found
}

#[test]
fn a_migration_has_its_way_back() {
    let missing = ups().filter(|file| {
        let down = format!("{}.down.sql", file.path.trim_end_matches(file.name()).to_owned() + stem(file));
        !scripts().any(|other| other.path == down)
    });
    verdict::nothing(
        missing.map(|file| verdict::at(&file.path, 1, format!("write `{}.down.sql` beside it", stem(file)))),
    );
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut by_crate: BTreeMap<&str, Vec<(&str, &File)>> = BTreeMap::new();
    for file in ups() {
        by_crate.entry(file.crate_name()).or_default().push((stem(file), file));
    }
    verdict::nothing(by_crate.into_values().flat_map(|mut all| {
        all.sort_by_key(|(stem, _)| *stem);
        all.dedup_by_key(|(stem, _)| *stem);
        let numbered =
            all.into_iter().enumerate().map(|(at, (stem, file))| (format!("{:04}_", at + 1), stem, file));
        let wrong: Vec<_> = numbered.filter(|(number, stem, _)| !stem.starts_with(number)).collect();
        wrong
            .into_iter()
            .map(|(number, _, file)| verdict::at(&file.path, 1, format!("the next number is {number}")))
    }));
}

#[test]
fn a_migration_begins_with_why() {
    let silent = ups().filter(|file| file.text.strip_prefix("-- ").is_none_or(str::is_empty));
    verdict::nothing(silent.map(|file| verdict::at(&file.path, 1, "begin with a `--` line that says why")));
}

#[test]
fn a_migration_is_taken_in_by_its_crate() {
    let orphans = ups().filter(|file| {
        let own = sources().iter().filter(|source| source.file.crate_name() == file.crate_name());
        !own.flat_map(|source| &source.code)
            .any(|token| token.kind == Kind::Text && token.text.contains(stem(file)))
    });
    verdict::nothing(orphans.map(|file| verdict::at(&file.path, 1, "list it among the crate's migrations")));
}

#[test]
fn what_a_table_promises_has_a_name() {
    verdict::nothing(ups().flat_map(|file| {
        let nameless =
            clauses(&file.text).into_iter().filter_map(|(line, clause)| Some((line, nameless(&clause)?)));
        nameless.map(|(line, promise)| {
            verdict::at(&file.path, line, format!("write `constraint <name>` before `{promise}`"))
        })
    }));
}

#[test]
fn an_index_has_a_name_and_a_query() {
    verdict::nothing(ups().flat_map(index_offences));
}

#[test]
fn a_promise_without_a_name_is_found_where_it_stands() {
    let script = "-- why, and ( how;\ncreate table a (\n  id bigint not null,\n  sum decimal(3, 1) check (sum > 0),\n\
        constraint a_pkey primary key (id),\n  unique (id, sum)\n);\nalter table b add foreign key (c) references a (id);";
    let found: Vec<_> =
        clauses(script).into_iter().filter_map(|(line, clause)| Some((line, nameless(&clause)?))).collect();
    assert_eq!(found, [(4, "check"), (6, "unique"), (8, "foreign")]);
}

#[test]
fn an_index_is_judged_by_its_name_and_the_line_before() {
    let script =
        |text: &str| File { path: "crates/a/migrations/0001_a.sql".to_owned(), text: text.to_owned() };
    assert!(
        index_offences(&script("-- The list of the due.\ncreate index tasks_due on tasks (due);")).is_empty()
    );
    assert_eq!(index_offences(&script("create unique index on tasks (due);")).len(), 2);
}
