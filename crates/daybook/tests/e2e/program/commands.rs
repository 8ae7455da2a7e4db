//! `daybook migrate`, `check` and `openapi`.

use std::fs;

use db::{Batch, Db, Settings, sql};
use serde_json::{Value, json};

use super::process::Folder;
use crate::e2e::eventually::eventually;

/// The steps that a line of `migrate` names.
fn steps(line: &str) -> Vec<&str> {
    let (_, named) = line.trim_end().rsplit_once(": ").unwrap();
    named.split_once(' ').map_or_else(Vec::new, |(_, steps)| steps.split(", ").collect())
}

#[test]
fn migrate_goes_there_and_back_and_tells_the_way() {
    let folder = Folder::new();
    folder
        .run(&[], &["migrate", "--check"])
        .is_refused(&["the schema lacks db/0001_slots", "run `daybook migrate`"]);
    let there = folder.run(&[], &["migrate"]);
    assert!(there.works().contains("daybook.db: applied db/0001_slots, "), "{}", there.out);
    let all = steps(there.works());
    assert!(folder.run(&[], &["migrate", "--check"]).works().ends_with(": the schema is current\n"));
    assert!(folder.run(&[], &["migrate"]).works().ends_with(": nothing to do\n"));

    let back = folder.run(&[], &["migrate", "--down", "2"]);
    let last: Vec<&str> = all.iter().rev().take(2).copied().collect();
    assert_eq!(steps(back.works()), last);
    folder.run(&[], &["migrate", "--check"]).is_refused(&["the schema lacks", last[0], last[1]]);
    assert_eq!(steps(folder.run(&[], &["migrate"]).works()), last.iter().rev().copied().collect::<Vec<_>>());

    assert_eq!(steps(folder.run(&[], &["migrate", "--down", "99"]).works()).len(), all.len());
    assert_eq!(steps(folder.run(&[], &["migrate"]).works()), all);
}

#[test]
fn migrate_does_one_thing_at_a_time() {
    let done = Folder::new().run(&[], &["migrate", "--check", "--down", "1"]);
    assert_eq!(done.code, 2, "{}", done.err);
    assert_eq!(Folder::new().run(&[], &["migrate", "--down", "-1"]).code, 2);
}

/// The SQL of document 2's `001_init.sql`.
#[test]
fn print_shows_the_schema_and_touches_nothing() {
    let folder = Folder::new();
    for engine in ["mysql", "postgres", "sqlite"] {
        let done = folder.run(&[], &["migrate", "--print", engine]);
        for table in ["users", "tasks", "facts"] {
            assert!(done.works().contains(&format!("create table {table} (")), "{engine}: {}", done.out);
        }
        assert_eq!(done.out.contains("without rowid"), engine == "sqlite", "{engine}");
    }
    folder
        .run(&[], &["migrate", "--print", "oracle"])
        .is_refused(&["\"oracle\"", "sqlite, postgres or mysql"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn check_gives_a_verdict_a_line() {
    let folder = Folder::new();
    let fresh = folder.run(&[], &["check"]);
    assert!(fresh.works().contains("made or brought up to date at the next start"), "{}", fresh.out);
    folder.run(&[], &["migrate"]).works();
    let made = folder.run(&[], &["check"]);
    let lines: Vec<&str> = made.works().lines().collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], "settings: ok");
    assert!(lines[1].ends_with("daybook.db: ok, the schema is current"), "{}", lines[1]);
}

#[test]
fn openapi_needs_no_house() {
    let folder = Folder::new();
    let done = folder.run(&[], &["openapi"]);
    let document: Value = serde_json::from_str(done.works()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/api/v1/tasks/{id}"]["patch"].is_object());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn version_and_help_are_no_errors() {
    let folder = Folder::new();
    assert_eq!(folder.run(&[], &["--version"]).works(), format!("daybook {}\n", env!("CARGO_PKG_VERSION")));
    assert!(folder.run(&[], &["--help"]).works().contains("Usage: daybook"));
    let nothing = folder.run(&[], &[]);
    assert_eq!((nothing.code, nothing.out.as_str()), (2, ""));
}

on_every_server! {
    async fn a_server_is_migrated_checked_and_brought_back(engine) {
        let (folder, test) = (Folder::new(), testkit::TestDb::empty(engine).await);
        let env = [("DAYBOOK_DATABASE_URL", test.url.as_str())];
        folder.run(&env, &["migrate", "--check"]).is_refused(&["run `daybook migrate`"]);
        let there = folder.run(&env, &["migrate"]);
        let all = steps(there.works());
        assert!(folder.run(&env, &["check"]).works().contains("ok, the schema is current"));
        assert_eq!(steps(folder.run(&env, &["migrate", "--down", "1"]).works()), [*all.last().unwrap()]);
        folder.run(&env, &["migrate", "--check"]).is_refused(&["the schema lacks"]);
        folder.run(&env, &["migrate"]).works();
        folder.run(&env, &["migrate", "--check"]).works();
        assert!(!there.out.contains("test:test@"), "the password is nobody's business: {}", there.out);
    }
}

#[test]
fn check_goes_through_all_messages() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        let (anna, ben) = (serving.user("anna").await, serving.user("ben").await);
        let ben = ben.get("/api/v1/me").await.is(200)["id"].clone();
        for _ in 0..3 {
            anna.post("/send", json!({"pal_id": ben, "message": "Hi"})).await.is(201);
        }
        let counted = async || anna.get("/MessagesReceived").await.is(200)["messages"].clone();
        eventually("all are counted", async || (counted().await == 3).then_some(())).await;
        let check = ["check", "--messages"];
        let beside = folder.run(&[], &check);
        let lines: Vec<&str> = beside.works().lines().filter(|line| line.contains("daybook.db")).collect();
        assert_eq!(lines.len(), 4, "{}", beside.out);
        assert!(lines[0].ends_with("ok, in use by a running Daybook"), "{}", lines[0]);
        serving.stop();
        let alone = folder.run(&[], &check);
        for verdict in
            ["ok, 3 messages in 1 chats", "ok, 3 stored, 3 published, 3 processed", "ok, the counts are"]
        {
            assert!(alone.works().contains(verdict), "{}", alone.out);
        }

        let db = Db::open(&Settings::embedded(&folder.data().join("daybook.db"))).unwrap();
        let forget = sql!("update messages set processed_at = null where seq = 2");
        db.write(Batch::of_one(forget)).await.unwrap();
        db.close().await;
        let wrong = folder.run(&[], &check);
        assert_eq!(wrong.code, 1, "{}", wrong.out);
        for complaint in
            ["3 stored, 3 published, 2 processed; 1 are stuck", "at place 2 of chat", "counts are not those"]
        {
            assert!(wrong.err.contains(complaint), "{}", wrong.err);
        }
    });
}
