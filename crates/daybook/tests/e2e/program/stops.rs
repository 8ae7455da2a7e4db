//! How a house ends when it is told to.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::process::Folder;
use crate::e2e::eventually::eventually;

#[test]
fn a_running_request_is_finished_and_nothing_new_is_begun() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        let anna = serving.user("anna").await;
        let (head, body) = (
            "POST /signup HTTP/1.1\r\nhost: x\r\ncontent-length: 64\r\n\r\n",
            format!("{:<64}", r#"{"email": "late@example.org", "password": "correct horse"}"#),
        );
        let mut late = TcpStream::connect(serving.client.address).await.unwrap();
        late.write_all(head.as_bytes()).await.unwrap();
        late.write_all(&body.as_bytes()[..10]).await.unwrap();
        // The request is known to run once one that came later on has been answered.
        anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);

        serving.terminate();
        eventually("no new connection is taken", async || {
            TcpStream::connect(serving.client.address).await.is_err().then_some(())
        })
        .await;
        late.write_all(&body.as_bytes()[10..]).await.unwrap();
        let mut said = String::new();
        late.read_to_string(&mut said).await.unwrap();
        assert!(said.starts_with("HTTP/1.1 201 "), "{said}");
        let (code, log) = serving.ended();
        assert_eq!(code, Some(0), "{log:?}");
        assert!(log.iter().any(|line| line.contains("message: Daybook stops")), "{log:?}");

        let serving = folder.serve();
        let late = json!({"email": "late@example.org", "password": "correct horse"});
        serving.client.post("/login", late).await.is(200);
        serving.stop();
    });
}

#[test]
fn a_stopped_house_leaves_its_folder_in_order() {
    testkit::run(async {
        let folder = Folder::new();
        for round in 0..3 {
            let serving = folder.serve();
            let anna = serving.user(&format!("anna{round}")).await;
            let task = anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
            serving.stop();
            let left: Vec<String> = folder
                .files()
                .into_iter()
                .filter(|name| !["daybook.sock", "daybook.lock", "daybook.db.lock"].contains(&name.as_str()))
                .collect();
            assert_eq!(left, ["daybook.db", "keys", "outbox"], "one file, without a log beside it");
            let serving = folder.serve();
            let anna = serving.login(&format!("anna{round}")).await;
            assert_eq!(anna.get(&format!("/api/v1/tasks/{}", task["id"])).await.is(200), task);
            serving.stop();
        }
    });
}

#[test]
fn a_token_is_good_after_a_restart() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        let credentials = json!({"email": "anna@example.org", "password": "correct horse"});
        serving.client.post("/signup", credentials.clone()).await.is(201);
        let welcome = serving.client.post("/login", credentials).await.is(200);
        serving.stop();
        let serving = folder.serve();
        let anna = serving.client.bearing(welcome["token"].as_str().unwrap());
        assert_eq!(anna.get("/api/v1/me").await.is(200)["id"], welcome["id"]);
        serving.stop();
    });
}

#[test]
fn what_is_secret_is_not_in_the_log() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve_with(&[("DAYBOOK_LOG_LEVEL", "debug")]);
        let credentials = json!({"email": "anna@example.org", "password": "correct horse"});
        serving.client.post("/signup", credentials.clone()).await.is(201);
        let welcome = serving.client.post("/login", credentials).await.is(200);
        let token = welcome["token"].as_str().unwrap();
        let anna = serving.client.bearing(token);
        anna.post("/api/v1/tasks", json!({"title": "a private matter"})).await.is(201);
        anna.get(&format!("/api/v1/tasks?access_token={token}")).await.is(400);
        serving.terminate();
        let (_, log) = serving.ended();
        let log = log.join("\n");
        assert!(log.contains("message: request served") && log.contains("path: /api/v1/tasks\t"), "{log}");
        for secret in ["correct horse", "a private matter", token, "argon2id$"] {
            assert!(!log.contains(secret), "{secret} is in the log: {log}");
        }
        for line in log.lines() {
            assert!(
                line.starts_with("time: ") && line.contains("\tlevel: ") && line.contains("\tmessage: "),
                "{line}"
            );
        }
    });
}
