//! An engine has a name in `db` and in the configuration, and nowhere else.

use super::floors::manifests;
use super::lexer::Kind;
use super::sources::{Source, sources};
use super::toml::entries;
use super::verdict;

/// Parts of words that give an engine away; the drivers' names have them too.
const ENGINES: [&str; 4] = ["sqlite", "postgres", "mysql", "mariadb"];

/// Migrations that differ have siblings, and their names say for which engine.
const SIBLINGS: [&str; 2] = [".mysql.", ".postgres."];

fn named(text: &str) -> Option<&'static str> {
    let lower = SIBLINGS.iter().fold(text.to_lowercase(), |text, sibling| text.replace(sibling, "."));
    ENGINES.into_iter().find(|engine| lower.contains(engine))
}

/// `db` knows engines, and the configuration explains how each is reached.
fn may_name_engines(source: &Source) -> bool {
    let parts = source.file.parts();
    match source.file.crate_name() {
        "db" | "testkit" => true,
        "daybook" => parts.iter().any(|part| part.starts_with("config")),
        _ => false,
    }
}

#[test]
fn an_engine_is_named_only_in_db() {
    verdict::nothing(sources().iter().filter(|source| !may_name_engines(source)).flat_map(|source| {
        let spoken = source.program().filter(|token| matches!(token.kind, Kind::Word | Kind::Text));
        spoken.filter_map(|token| {
            let engine = named(&token.text)?;
            let advice = format!("names {engine}: make the difference a method of `db`");
            Some(verdict::at(&source.file.path, token.line, advice))
        })
    }));
}

#[test]
fn a_driver_is_a_dependency_of_db_alone() {
    let others = manifests().filter(|file| !["db", "testkit"].contains(&file.crate_name()));
    verdict::nothing(others.flat_map(|file| {
        let drivers =
            entries(file).into_iter().filter(|entry| entry.is_dependency() && named(entry.name()).is_some());
        drivers.map(|entry| {
            verdict::at(&file.path, entry.line, format!("only `db` speaks to `{}`", entry.name()))
        })
    }));
}

#[test]
fn an_engine_is_known_in_any_spelling() {
    for name in ["SqliteStore", "is_postgres", "mysql_async", "RUSQLITE", "postgresql://host"] {
        assert!(named(name).is_some(), "{name}");
    }
    assert!(named("migrations/0003_totals.mysql.sql").is_none());
}
