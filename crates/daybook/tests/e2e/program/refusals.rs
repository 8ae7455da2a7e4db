//! What keeps the program from starting: each is one clear sentence, and exit code 1.

use std::fs;
use std::net::TcpListener;

use daybook::domains::{ALL, migrations};
use db::{Batch, Db, Settings, sql};
use testkit::{Engine, TestDb};
use types::Timestamp;

use super::process::Folder;

#[test]
fn a_data_folder_that_cannot_be_made() {
    let folder = Folder::new();
    fs::write(folder.path().join("file"), "").unwrap();
    folder
        .run(&[("DAYBOOK_DATA_DIR", "file/data")], &["serve"])
        .is_refused(&["the data folder file/data cannot be made"]);
}

/// Nobody can make a file in `/proc`, not even root.
#[test]
fn a_data_folder_that_cannot_be_written_to() {
    let folder = Folder::new();
    folder
        .run(&[("DAYBOOK_DATA_DIR", "/proc")], &["serve"])
        .is_refused(&["the data folder /proc cannot be written to"]);
}

#[test]
fn a_data_folder_that_another_daybook_uses() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        for command in [&["serve"][..], &["serve", "identity"]] {
            folder.run(&[], command).is_refused(&["the data folder ./data is in use by another Daybook"]);
        }
        for command in [&["migrate"][..], &["migrate", "--down", "1"]] {
            folder.run(&[], command).is_refused(&["daybook.db: in use by another Daybook"]);
        }
        let checked = folder.run(&[], &["check"]);
        assert!(
            checked.works().ends_with("daybook.db: ok, in use by a running Daybook\n"),
            "{}",
            checked.out
        );
        serving.client.get("/health").await.is(200);
        serving.stop();
        folder.serve().stop();
    });
}

/// Two houses with folders of their own, and one database.
#[test]
fn a_database_file_that_another_daybook_uses() {
    testkit::run(async {
        let (first, second) = (Folder::new(), Folder::new());
        let url = format!("sqlite:{}", first.path().join("shared/house.db").display());
        let shared = [("DAYBOOK_DATABASE_URL", &*url)];
        let serving = first.serve_with(&shared);
        second.run(&shared, &["serve"]).is_refused(&["shared/house.db: in use by another Daybook"]);
        serving.client.get("/health").await.is(200);
        serving.stop();
        second.serve_with(&shared).stop();
    });
}

#[test]
fn a_port_that_is_taken() {
    let (folder, taken) = (Folder::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = taken.local_addr().unwrap().to_string();
    for setting in ["DAYBOOK_LISTEN", "DAYBOOK_SYSTEM_LISTEN"] {
        let words = format!("cannot listen on {address}: another program already listens there");
        folder.run(&[(setting, &address)], &["serve"]).is_refused(&[&words]);
    }
    assert!(!folder.data().exists(), "ports are looked at before anything is made");
}

#[test]
fn an_address_that_this_machine_does_not_have() {
    Folder::new()
        .run(&[("DAYBOOK_LISTEN", "192.0.2.1:8080")], &["serve"])
        .is_refused(&["cannot listen on 192.0.2.1:8080: this machine has no such address"]);
}

#[test]
fn a_database_that_does_not_answer() {
    let folder = Folder::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://daybook:secret@127.0.0.1:{port}/daybook");
        for command in [&["serve"][..], &["check"], &["migrate"], &["migrate", "--check"]] {
            let done = folder.run(&[("DAYBOOK_DATABASE_URL", &url)], command);
            done.is_refused(&[&format!("{scheme}://daybook:***@127.0.0.1:{port}/daybook"), "refused"]);
            assert!(!format!("{}{}", done.out, done.err).contains("secret"), "{}", done.err);
        }
    }
}

/// It takes the connection and says nothing.
#[test]
fn a_database_that_keeps_silent() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let try_it = |scheme: &str| {
        let url = format!("{scheme}://daybook:secret@127.0.0.1:{port}/daybook");
        let done = Folder::new().run(&[("DAYBOOK_DATABASE_URL", &url)], &["serve"]);
        done.is_refused(&[&format!("{scheme}://daybook:***@127.0.0.1:{port}/daybook: ")]);
    };
    std::thread::scope(|scope| {
        for scheme in ["postgres", "mysql"] {
            scope.spawn(move || try_it(scheme));
        }
    });
}

#[test]
fn a_database_file_that_is_none() {
    let folder = Folder::new();
    fs::create_dir(folder.data()).unwrap();
    fs::write(
        folder.data().join("daybook.db"),
        "this is no database, and longer than its header would be".repeat(9),
    )
    .unwrap();
    folder.run(&[], &["serve"]).is_refused(&["daybook.db", "not a database"]);
}

#[test]
fn a_schema_that_a_newer_program_made() {
    testkit::run(async {
        let folder = Folder::new();
        folder.serve().stop();
        let db = Db::open(&Settings::embedded(&folder.data().join("daybook.db"))).unwrap();
        let newer = sql!(
            "insert into schema_migrations (domain, number, name, checksum, applied_at) values ('tasks', 99, '0099_later', '', 0)"
        );
        db.write(Batch::of_one(newer)).await.unwrap();
        db.close().await;
        for command in [&["serve"][..], &["migrate"], &["migrate", "--check"], &["check"]] {
            folder.run(&[], command).is_refused(&["made by a newer Daybook", "tasks/0099_later"]);
        }
    });
}

/// A server's schema is changed by nobody but `daybook migrate`.
async fn older(engine: Engine) {
    let (folder, test) = (Folder::new(), TestDb::empty(engine).await);
    let env = [("DAYBOOK_DATABASE_URL", test.url.as_str())];
    folder.run(&env, &["serve"]).is_refused(&["db/0001_slots", "tasks/0001_tasks", "run `daybook migrate`"]);
    let all = migrations(ALL);
    test.db.migrate(&all[..all.len() - 1], Timestamp::default()).await.unwrap();
    let newest = all[all.len() - 1];
    let lacks = format!("the schema lacks {}/{}: run `daybook migrate`", newest.domain, newest.name);
    folder.run(&env, &["serve"]).is_refused(&[&lacks]);
    folder.run(&env, &["check"]).is_refused(&["run `daybook migrate`"]);
    folder.run(&env, &["migrate"]).works();
    folder.serve_with(&env).stop();
}

on_every_server! {
    async fn a_server_with_an_older_schema(engine) {
        older(engine).await;
    }
}

#[test]
fn a_setting_that_nobody_knows_with_the_one_that_was_meant() {
    let folder = Folder::new();
    folder
        .run(&[("DAYBOOK_LISTNE", "127.0.0.1:1")], &["serve"])
        .is_refused(&["DAYBOOK_LISTNE", "DAYBOOK_LISTEN"]);
    fs::write(folder.path().join("config.yml"), "datadir: ./elsewhere\n").unwrap();
    folder.run(&[], &["check"]).is_refused(&["datadir", "data_dir"]);
    fs::write(folder.path().join("config.yml"), "tokens:\n  acess_ttl: 5m\n").unwrap();
    folder.run(&[], &["serve"]).is_refused(&["tokens.acess_ttl", "access_ttl"]);
    folder.run(&[], &["serve", "--config", "none.yml"]).is_refused(&["none.yml"]);
}

#[test]
fn a_setting_that_cannot_be() {
    let folder = Folder::new();
    for (name, value, word) in [
        ("DAYBOOK_LISTEN", "8080", "127.0.0.1:8080"),
        ("DAYBOOK_TOKENS_ACCESS_TTL", "soon", "5m"),
        ("DAYBOOK_DATABASE_URL", "oracle://x", "postgres://"),
        ("DAYBOOK_CACHE_URL", "redis://host:port", "cache_url"),
        ("DAYBOOK_STREAM_DEFAULT", "nats://127.0.0.1:4222", "does not speak NATS"),
        ("DAYBOOK_STREAM_TASKS", "kafka://me:secret@127.0.0.1", "user and password"),
        ("DAYBOOK_STREAM_TASK", "table", "DAYBOOK_STREAM_TASKS"),
        ("DAYBOOK_TLS_CERT", "cert.pem", "tls.key"),
    ] {
        folder.run(&[(name, value)], &["serve"]).is_refused(&[word]);
    }
    assert!(!folder.data().exists());
}

#[test]
fn certificates_that_are_not_there() {
    let env = [("DAYBOOK_TLS_CERT", "cert.pem"), ("DAYBOOK_TLS_KEY", "key.pem")];
    Folder::new().run(&env, &["serve"]).is_refused(&["cert.pem"]);
}

#[test]
fn a_role_that_nobody_knows() {
    Folder::new().run(&[], &["serve", "gatway"]).is_refused(&["\"gatway\"", "gateway, identity, tasks"]);
}

#[test]
fn a_role_whose_neighbour_nobody_can_find() {
    Folder::new()
        .run(&[], &["serve", "gateway", "tasks"])
        .is_refused(&["identity does not run here", "identity.url"]);
}

#[test]
fn a_key_that_is_damaged() {
    let folder = Folder::new();
    fs::create_dir_all(folder.data().join("keys")).unwrap();
    fs::write(folder.data().join("keys/1-x.pem"), "nonsense").unwrap();
    folder.run(&[], &["serve"]).is_refused(&["the key 1-x", "damaged"]);
}
