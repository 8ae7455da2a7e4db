//! What is remembered, for whom, and for how long.

use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use testkit::StillClock;

use super::door::{Door, LIFETIME};

#[tokio::test]
async fn a_second_read_is_a_hit_that_says_all_that_the_first_said_and_how_old_it_is() {
    let door = Door::new();
    let (first, second) = (door.get("/things").await, {
        door.clock.advance(Duration::from_millis(2_700));
        door.get("/things").await
    });
    assert_eq!((first.cache(), second.cache(), door.reads()), ("fwd=miss; stored", "hit", 1));
    assert_eq!((first.header("age"), second.header("age")), ("", "2"));
    for name in ["etag", "content-type", "link", "vary", "content-length"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
        assert_ne!(first.header(name), "", "{name}");
    }
    assert_eq!((first.body, second.body), ("0".to_owned(), "0".to_owned()));
    assert_eq!(first.headers["vary"], "Authorization, Cookie");
}

#[tokio::test]
async fn who_has_it_already_is_told_so_by_a_hit_and_by_a_call() {
    let door = Door::new();
    let tag = door.get("/things").await.header("etag").to_owned();
    let again = [("if-none-match", tag.as_str())];
    let hit = door.ask(1, "GET", "/things", &again).await;
    assert_eq!((hit.status, hit.cache(), hit.header("etag"), hit.body.as_str()), (304, "hit", &*tag, ""));
    assert_eq!(door.ask(1, "GET", "/things", &[("if-none-match", "\"other\"")]).await.status, 200);
    door.clock.advance(LIFETIME);
    let called = door.ask(1, "GET", "/things", &again).await;
    assert_eq!((called.status, called.cache(), door.reads()), (304, "fwd=miss; stored", 2));
    door.post("/things").await;
    let other = door.ask(1, "GET", "/things", &again).await;
    assert_eq!((other.status, other.body.as_str()), (200, "1"));
    assert_eq!(door.get("/things?tagged").await.header("etag"), "\"own\"");
}

#[tokio::test]
async fn it_is_remembered_for_its_lifetime() {
    let door = Door::new();
    door.get("/things").await;
    door.clock.advance(LIFETIME.saturating_sub(Duration::from_millis(1)));
    assert_eq!(door.get("/things").await.cache(), "hit");
    door.clock.advance(Duration::from_millis(1));
    assert_eq!(door.get("/things").await.cache(), "fwd=miss; stored");
}

#[tokio::test]
async fn each_user_role_and_query_has_its_own() {
    let door = Door::new();
    let asked = [(1, "/things"), (2, "/things"), (1, "/things?a=1"), (1, "/things?a=2")];
    for (user, path) in asked {
        assert_eq!(door.ask(user, "GET", path, &[]).await.cache(), "fwd=miss; stored", "{path}");
    }
    let as_admin = [("x-role", "admin")];
    assert_eq!(door.ask(1, "GET", "/things", &as_admin).await.cache(), "fwd=miss; stored");
    assert_eq!(door.reads(), asked.len() + 1);
    for (user, path) in asked {
        assert_eq!(door.ask(user, "GET", path, &[]).await.cache(), "hit");
    }
    assert_eq!(door.ask(1, "GET", "/things", &as_admin).await.cache(), "hit");
}

#[tokio::test]
async fn nothing_is_remembered_for_nobody_nor_of_other_methods() {
    let door = Door::new();
    for _ in 0..2 {
        assert_eq!(door.ask(0, "GET", "/things", &[]).await.cache(), "");
        assert_eq!(door.ask(1, "HEAD", "/things", &[]).await.cache(), "");
    }
    assert_eq!(door.reads(), 4);
}

#[tokio::test]
async fn what_is_for_one_alone_is_not_remembered() {
    let door = Door::new();
    for query in ["cookie", "token", "no-store", "vary", "large", "stream", "missing", "broken", "failed"] {
        assert!(!door.remembers(&format!("/things?{query}")).await, "{query}");
    }
    assert!(!door.remembers(&format!("/things?{}", "x".repeat(600))).await);
    assert!(door.remembers("/things?tagged").await);
}

#[tokio::test]
async fn they_get_what_they_wish() {
    let door = Door::new();
    door.get("/things").await;
    let asked = async |name, value| door.ask(1, "GET", "/things", &[(name, value)]).await.cache().to_owned();
    door.clock.advance(Duration::from_secs(3));
    assert_eq!(asked("cache-control", "max-age=3").await, "hit");
    assert_eq!(asked("cache-control", "no-store").await, "fwd=bypass");
    assert_eq!(asked("range", "bytes=0-1").await, "fwd=bypass");
    assert_eq!(asked("accept", "text/event-stream").await, "fwd=bypass");
    let reads = door.reads();
    assert_eq!(asked("cache-control", "no-cache").await, "fwd=request; stored");
    assert_eq!(door.reads(), reads + 1);
    assert_eq!(door.get("/things").await.header("age"), "0", "it was fetched anew");
    door.clock.advance(Duration::from_secs(3));
    assert_eq!(asked("cache-control", "max-age=2").await, "fwd=miss; stored");
}

#[tokio::test]
async fn a_memory_that_is_full_is_for_what_is_asked_twice_and_then_for_nobody() {
    let (service, clock) = (Arc::default(), StillClock::default());
    let cache = Cache::in_memory(1 << 20, Arc::new(clock.clone()));
    let door = Door::with(service, clock, Some(cache), 6_000);
    let stored = async |user| door.ask(user, "GET", "/things", &[]).await.cache() == "fwd=miss; stored";
    let mut first = 0;
    while stored(10 + first).await {
        first += 1;
    }
    assert!((3..=5).contains(&first), "{first} came in at once");
    assert!(stored(10 + first).await, "asked for the second time");
    let mut second = 0;
    for user in 100..130 {
        assert!(!stored(user).await, "asked for the first time");
        second += i64::from(stored(user).await);
    }
    assert!((1..=5).contains(&second), "{second} came in the second time");
    door.clock.advance(LIFETIME);
    assert!(stored(100).await, "there is room again");
}

#[tokio::test]
async fn without_a_memory_answers_have_tags_all_the_same() {
    let door = Door::with(Arc::default(), StillClock::default(), None, 0);
    let first = door.get("/things").await;
    assert_eq!((first.cache(), door.get("/things").await.cache()), ("fwd=bypass", "fwd=bypass"));
    let again = door.ask(1, "GET", "/things", &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((again.status, door.reads()), (304, 3));
}
