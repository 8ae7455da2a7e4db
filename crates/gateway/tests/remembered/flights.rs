//! Many who ask the same at once.

use std::sync::atomic::Ordering;

use axum::http::HeaderMap;

use super::door::{Answer, Door, until};

/// A hundred who ask the same, once one call is under way.
async fn hundred(door: &Door, path: &'static str) -> Vec<tokio::task::JoinHandle<Answer>> {
    let (reads, mut all) = (door.reads(), vec![door.waits("GET", path)]);
    until("it is called", async || door.reads() > reads).await;
    all.extend((1..100).map(|_| door.waits("GET", path)));
    // They have nothing to wait for but each other.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    all
}

#[tokio::test]
async fn a_hundred_identical_misses_are_one_call() {
    let door = Door::new();
    let all = hundred(&door, "/things").await;
    door.service.gate.add_permits(1);
    let mut heard = Vec::new();
    for one in all {
        let Answer { status, body, headers } = one.await.unwrap();
        assert_eq!((status, body.as_str()), (200, "0"));
        heard.push(headers);
    }
    assert_eq!(door.reads(), 1);
    let said = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(said(&heard[0], "cache-status"), "daybook; fwd=miss; stored");
    assert!(heard[1..].iter().all(|it| said(it, "cache-status") == "daybook; fwd=miss; collapsed"));
    assert!(heard.iter().all(|headers| said(headers, "etag") == said(&heard[0], "etag")));
    assert_eq!(door.get("/things").await.cache(), "hit");
}

#[tokio::test]
async fn a_call_survives_the_first_who_leaves_and_is_given_up_when_the_last_does() {
    let door = Door::new();
    let mut all = hundred(&door, "/things").await;
    drop(all.drain(..50).map(|one| one.abort()).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    // One who comes now joins too.
    all.push(door.waits("GET", "/things"));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    door.service.gate.add_permits(1);
    for one in all {
        assert_eq!(one.await.unwrap().body, "0");
    }
    assert_eq!((door.reads(), door.service.left.load(Ordering::SeqCst)), (1, 0));
    assert_eq!(door.get("/things").await.cache(), "hit", "it was remembered all the same");

    for one in hundred(&door, "/things?b").await {
        one.abort();
    }
    until("it is given up", async || door.service.left.load(Ordering::SeqCst) == 1).await;
    assert_eq!(door.reads(), 2);
    assert_eq!(door.get("/things?b").await.cache(), "fwd=miss; stored", "nobody waits for what is gone");
}

#[tokio::test]
async fn one_who_waits_may_leave() {
    let door = Door::new();
    let mut all = hundred(&door, "/things").await;
    all.remove(50).abort();
    door.service.gate.add_permits(1);
    for one in all {
        assert_eq!(one.await.unwrap().body, "0");
    }
    assert_eq!(door.reads(), 1);
}

#[tokio::test]
async fn an_error_is_shared_and_not_remembered() {
    let door = Door::new();
    for (calls, (path, status)) in [("/things?failed", 503), ("/things?broken", 502)].iter().enumerate() {
        let all = hundred(&door, path).await;
        door.service.gate.add_permits(1);
        for one in all {
            assert_eq!(one.await.unwrap().status, *status);
        }
        assert_eq!(door.reads(), 2 * calls + 1);
        assert_eq!(door.get(path).await.cache(), "fwd=miss");
    }
}

#[tokio::test]
async fn what_cannot_be_shared_each_asks_for_alone() {
    let door = Door::new();
    let all = hundred(&door, "/things?cookie").await;
    door.service.gate.add_permits(100);
    for one in all {
        let own = one.await.unwrap();
        assert_eq!((own.status, own.header("set-cookie"), own.cache()), (200, "a=b", "fwd=miss"));
    }
    assert_eq!(door.reads(), 100);
}

#[tokio::test]
async fn when_a_call_panics_those_who_joined_it_ask_for_themselves() {
    let door = Door::new();
    let mut all = hundred(&door, "/things?panic").await;
    door.service.gate.add_permits(100);
    assert!(all.remove(0).await.is_err());
    for one in all {
        assert_eq!(one.await.unwrap().body, "0");
    }
}

#[tokio::test]
async fn a_call_that_others_may_join_has_nobodys_deadline() {
    let door = Door::new();
    assert_eq!(door.get("/things?deadline").await.body, "false");
}
