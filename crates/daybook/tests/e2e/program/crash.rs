//! `kill -9`, at any moment.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::process::Folder;
use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;

/// How often the house is killed.
const ROUNDS: usize = 4;
/// How many clients write meanwhile.
const CLIENTS: usize = 8;

/// Creates until the house is gone; what was acknowledged.
async fn create(anna: Client, acknowledged: Arc<AtomicUsize>) -> Vec<u64> {
    let mut ids = Vec::new();
    while let Some(answer) = anna.try_post("/api/v1/tasks", json!({"title": "Milk"})).await {
        ids.push(answer.is(201)["id"].as_u64().unwrap());
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    ids
}

async fn all(anna: &Client) -> BTreeSet<u64> {
    let (mut found, mut path) = (BTreeSet::new(), "/api/v1/tasks?limit=200".to_owned());
    loop {
        let page = anna.get(&path).await.is(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|task| task["id"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { return found };
        path = format!("/api/v1/tasks?limit=200&cursor={next}");
    }
}

#[test]
fn every_acknowledged_task_outlives_a_kill() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        serving.user("anna").await;
        serving.stop();
        let mut wanted = BTreeSet::new();
        for round in 1..=ROUNDS {
            let serving = folder.serve();
            let anna = serving.login("anna").await;
            let acknowledged = Arc::new(AtomicUsize::new(0));
            let writing: Vec<_> =
                (0..CLIENTS).map(|_| tokio::spawn(create(anna.clone(), acknowledged.clone()))).collect();
            eventually("enough was acknowledged", async || {
                (acknowledged.load(Ordering::Relaxed) >= 60 * round).then_some(())
            })
            .await;
            serving.kill();
            for ids in writing {
                wanted.extend(ids.await.unwrap());
            }
        }
        let serving = folder.serve();
        let found = all(&serving.login("anna").await).await;
        assert_eq!(
            wanted.difference(&found).count(),
            0,
            "of {} acknowledged tasks some are lost",
            wanted.len()
        );
        assert!(
            found.len() <= wanted.len() + ROUNDS * CLIENTS,
            "only what was under way may be there beside them"
        );
        serving.stop();
    });
}

/// Creates with a key for each task until the house is gone; what came of each key that was sent.
async fn create_once(
    anna: Client,
    client: usize,
    acknowledged: Arc<AtomicUsize>,
) -> Vec<(String, Option<u64>)> {
    let mut sent = Vec::new();
    loop {
        let key = format!("{client}-{}", sent.len());
        let answer =
            anna.with("idempotency-key", &key).try_post("/api/v1/tasks", json!({"title": "Milk"})).await;
        let id = answer.as_ref().and_then(|answer| answer.is(201)["id"].as_u64());
        sent.push((key, id));
        if answer.is_none() {
            return sent;
        }
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_is_sent_again_after_a_kill_is_there_once() {
    testkit::run(async {
        let folder = Folder::new();
        let serving = folder.serve();
        let anna = serving.user("anna").await;
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let writing: Vec<_> = (0..CLIENTS)
            .map(|client| tokio::spawn(create_once(anna.clone(), client, acknowledged.clone())))
            .collect();
        eventually("enough was acknowledged", async || {
            (acknowledged.load(Ordering::Relaxed) >= 200).then_some(())
        })
        .await;
        serving.kill();
        let mut sent = Vec::new();
        for keys in writing {
            sent.extend(keys.await.unwrap());
        }

        let serving = folder.serve();
        let anna = serving.login("anna").await;
        let mut ids = BTreeSet::new();
        for (key, id) in &sent {
            let again =
                anna.with("idempotency-key", key).post("/api/v1/tasks", json!({"title": "Milk"})).await;
            let found = again.is(201)["id"].as_u64();
            assert!(id.is_none() || *id == found, "{key} made {id:?}, and then {found:?}");
            ids.extend(found);
        }
        assert_eq!((ids.len(), &all(&anna).await), (sent.len(), &ids), "a task for each key, and no other");
        serving.stop();
    });
}
