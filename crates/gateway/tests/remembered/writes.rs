//! What writes end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::door::{Door, until};

#[tokio::test]
async fn a_write_ends_its_domain_and_home_and_nothing_else() {
    let door = Door::new();
    for path in ["/things", "/things?a=1", "/others", "/home"] {
        assert!(door.remembers(path).await);
    }
    door.ask(2, "GET", "/things", &[]).await;
    assert_eq!(door.post("/things").await.status, 201);
    for path in ["/things", "/things?a=1", "/home"] {
        let read = door.get(path).await;
        assert_eq!((read.cache(), read.body.as_str()), ("fwd=miss; stored", "1"), "{path}");
    }
    assert_eq!(door.get("/others").await.cache(), "hit");
    assert_eq!(door.ask(2, "GET", "/things", &[]).await.cache(), "hit", "another's");
    door.post("/others").await;
    assert_eq!(door.get("/home").await.body, "2");
    assert_eq!(door.get("/things").await.cache(), "hit");
}

#[tokio::test]
async fn a_refused_write_ends_what_it_might_have_changed() {
    let door = Door::new();
    assert!(door.remembers("/things").await);
    assert_eq!(door.post("/things?refused").await.status, 409);
    assert_eq!(door.get("/things").await.body, "1");
}

#[tokio::test]
async fn a_change_of_somebody_elses_account_ends_what_they_see() {
    let door = Door::new();
    assert!(door.remembers("/things").await);
    door.ask(2, "PUT", "/accounts/1/role", &[]).await;
    assert_eq!(door.get("/things").await.body, "1");
}

#[tokio::test]
async fn a_read_that_began_before_a_write_and_ends_after_it_is_not_served_afterwards() {
    let door = Door::new();
    assert!(door.remembers("/things?a=1").await, "there is a generation");
    for path in ["/things", "/things?a=2"] {
        let reads = door.reads();
        let slow = door.waits("GET", path);
        until("it is called", async || door.reads() > reads).await;
        let before = door.service.number.load(Ordering::SeqCst).to_string();
        let after = door.post("/things").await.body;
        door.service.gate.add_permits(1);
        assert_eq!(slow.await.unwrap().body, before);
        for _ in 0..2 {
            assert_eq!(door.get(path).await.body, after);
        }
    }
}

#[tokio::test]
async fn a_read_after_a_write_joins_no_call_from_before_it() {
    let door = Door::new();
    let slow = door.waits("GET", "/things");
    until("it is called", async || door.reads() == 1).await;
    door.post("/things").await;
    assert_eq!(door.get("/things").await.body, "1");
    door.service.gate.add_permits(1);
    assert_eq!(slow.await.unwrap().body, "0");
    assert_eq!(door.get("/things").await.body, "1");
}

/// Nobody knows when such a write is done: until then each read asks for itself.
async fn nothing_is_remembered_for_a_minute(door: &Door) {
    until("it is noticed", async || door.get("/things").await.cache() == "fwd=bypass").await;
    for _ in 0..3 {
        assert_eq!(door.get("/things").await.cache(), "fwd=bypass");
        assert_eq!(door.post("/things").await.status, 201, "another write does not change that");
    }
    assert_eq!(door.ask(2, "GET", "/things", &[]).await.cache(), "fwd=miss; stored", "another's");
    door.clock.advance(Duration::from_mins(1));
    assert!(door.remembers("/things").await);
}

#[tokio::test]
async fn nothing_is_remembered_after_a_write_whose_client_has_left() {
    let door = Door::new();
    assert!(door.remembers("/things").await);
    let write = door.waits("POST", "/things");
    until("it is done", async || door.service.number.load(Ordering::SeqCst) == 1).await;
    assert_eq!(door.get("/things").await.body, "0", "nobody has heard of it");
    write.abort();
    nothing_is_remembered_for_a_minute(&door).await;
}

#[tokio::test]
async fn nothing_is_remembered_after_a_write_that_broke() {
    let door = Door::new();
    assert!(door.remembers("/things").await);
    assert_eq!(door.post("/things?broken").await.status, 503);
    assert_eq!(door.get("/things").await.body, "1");
    nothing_is_remembered_for_a_minute(&door).await;
}

#[tokio::test]
async fn nothing_is_remembered_after_a_write_that_panicked() {
    let door = Door::new();
    assert!(door.remembers("/things").await);
    let panics = door.clone();
    assert!(tokio::spawn(async move { panics.post("/things?panic").await }).await.is_err());
    nothing_is_remembered_for_a_minute(&door).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_written_reads_no_older_number_whatever_others_do() {
    let door = Arc::new(Door::new());
    let people = (0..8).map(|person| {
        let door = door.clone();
        tokio::spawn(async move {
            for round in 0..200 {
                if person % 2 == 0 {
                    let written: usize = door.post("/things").await.body.parse().unwrap();
                    let read: usize = door.get("/things").await.body.parse().unwrap();
                    assert!(read >= written, "round {round}: {read} after {written}");
                } else {
                    door.get("/things").await;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await.unwrap();
    }
}
