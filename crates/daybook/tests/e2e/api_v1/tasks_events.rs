//! Tasks as they change.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;

use super::tasks_changes::forgets;
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};
use crate::e2e::listening::{Event, Listening};

const TASKS: &str = "/api/v1/tasks";
/// How long a beat may take to come.
const LONGEST: Duration = Duration::from_mins(1);
const EVENTS: &str = "/api/v1/tasks/events";

async fn write(of: &Person, title: &str) -> Value {
    of.post(TASKS, json!({"title": title})).await.is(201)
}

/// Somebody who listens on from a place, as a browser does that lost its connection.
async fn again(of: &Person, place: &str) -> Listening {
    of.with("last-event-id", place).listen(EVENTS).await
}

fn titles(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.data["task"]["title"].as_str().unwrap()).collect()
}

async fn changes_are_told_as_they_happen(house: &House) {
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let mut hers = anna.listen(EVENTS).await;
    let (_, opening) = hers.block().await.unwrap();
    assert!(opening.starts_with("id: ") && opening.ends_with("retry: 2000"), "{opening:?}");
    let start = hers.place.clone();
    let mut second = anna.listen(EVENTS).await;

    write(&boris, "Secret").await;
    let milk = write(&anna, "Milk").await;
    let path = format!("{TASKS}/{}", milk["id"]);
    let there = |task: &Value| json!({"id": task["id"], "deleted": false, "task": task});
    let first = hers.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data), ("changed", &there(&milk)), "hers, and nothing of his");
    assert_eq!(second.next().await.unwrap(), first, "each of her windows hears it");

    let done = anna.patch(&path, json!({"completed": true})).await.is(200);
    let changed = hers.next().await.unwrap();
    assert_eq!((changed.name.as_str(), &changed.data), ("changed", &there(&done)));
    anna.delete(&path).await.is(204);
    let deleted = hers.next().await.unwrap();
    let gone = json!({"id": milk["id"], "deleted": true, "task": null});
    assert_eq!((deleted.name.as_str(), &deleted.data), ("deleted", &gone));
    assert!(start < first.place && first.place < changed.place && changed.place < deleted.place);

    // From any place it is heard what came behind it, and the same place serves a delta.
    let mut later = again(&anna, &first.place).await;
    assert_eq!(later.next().await.unwrap(), deleted, "what changed often is told once, as it is now");
    let delta = anna.get(&format!("{TASKS}/changes?since={start}")).await.is(200);
    assert_eq!(delta["items"], json!([gone]));
    let since = delta["next"].as_str().unwrap();
    let mut last = anna.listen(&format!("{EVENTS}?since={since}")).await;
    write(&anna, "Bread").await;
    assert_eq!(titles(&[last.next().await.unwrap()]), ["Bread"]);
}

on_every_engine! {
    async fn changes_are_told_as_they_happen_to_whom_they_belong(engine) {
        changes_are_told_as_they_happen(&House::on(engine).await).await;
    }

    async fn and_through_a_gateway_elsewhere(engine) {
        changes_are_told_as_they_happen(&House::apart(engine).await).await;
    }

    /// Whoever is cut off again and again while many write has each once in the end.
    async fn nothing_is_missed_and_nothing_comes_twice(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut listening = anna.listen(EVENTS).await;
        listening.block().await.unwrap();
        let writing = async {
            let batch = async |name: &str| {
                for number in 0..40 {
                    write(&anna, &format!("{name}{number}")).await;
                }
            };
            tokio::join!(batch("a"), batch("b"), batch("c"), batch("d"));
        };
        let hearing = async {
            let mut heard = Vec::new();
            while heard.len() < 160 {
                let event = listening.next().await.unwrap();
                heard.push(event.data["id"].as_u64().unwrap());
                if heard.len() % 7 == 0 {
                    let mut next = again(&anna, &event.place).await;
                    std::mem::swap(&mut listening, &mut next);
                }
            }
            heard
        };
        let ((), heard) = tokio::join!(writing, hearing);
        assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), 160, "each once");
        let end = write(&anna, "end").await;
        assert_eq!(listening.until(&end["id"]).await.len(), 1, "and nothing after that");
    }

    async fn one_that_does_not_read_for_a_while_misses_nothing(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut slow = anna.listen(EVENTS).await;
        let note = "x".repeat(20_000);
        let mut ids = BTreeSet::new();
        for number in 0..120 {
            let task = anna.post(TASKS, json!({"title": format!("{number}"), "note": note})).await.is(201);
            ids.insert(task["id"].as_u64().unwrap());
        }
        let end = write(&anna, "end").await;
        let heard = slow.until(&end["id"]).await;
        assert_eq!(heard.len(), 121);
        ids.insert(end["id"].as_u64().unwrap());
        assert_eq!(heard.iter().map(|event| event.data["id"].as_u64().unwrap()).collect::<BTreeSet<_>>(), ids);
    }

    async fn whoever_was_away_too_long_hears_that_first(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut early = anna.listen(EVENTS).await;
        early.block().await.unwrap();
        write(&anna, "Milk").await;
        house.total_becomes("tasks", 1).await;
        house.pass(Duration::from_hours(8 * 24)).await;
        let anna = house.login(&anna.email).await;
        forgets(&house, &anna, &format!("{TASKS}/changes?since={}", early.place)).await;

        let mut late = again(&anna, &early.place).await;
        let reset = late.next().await.unwrap();
        assert_eq!((reset.name.as_str(), &reset.data), ("reset", &json!({})));
        write(&anna, "Bread").await;
        assert_eq!(titles(&[late.next().await.unwrap()]), ["Bread"], "and it goes on from there");
        write(&anna, "Salt").await;
        assert_eq!(titles(&[again(&anna, &reset.place).await.next().await.unwrap()]), ["Bread"]);
    }

    async fn a_stream_ends_with_its_session(engine) {
        let house = House::apart(engine).await;
        let anna = house.user("anna").await;
        let other = house.login(&anna.email).await;
        let (mut hers, mut spared) = (anna.listen(EVENTS).await, other.listen(EVENTS).await);
        anna.post("/auth/logout", json!({})).await.is(200);
        assert_eq!(hers.next().await, None);
        write(&other, "Milk").await;
        assert_eq!(titles(&[spared.next().await.unwrap()]), ["Milk"]);
    }
}

on_every_server! {
    async fn what_another_process_writes_is_heard(engine) {
        let here = House::on(engine).await;
        let there = here.beside().await;
        let anna = here.user("anna").await;
        let anna_there = there.login(&anna.email).await;
        let mut hears = anna.listen(EVENTS).await;
        for title in ["Milk", "Bread", "Salt"] {
            write(&anna_there, title).await;
            assert_eq!(titles(&[hears.next().await.unwrap()]), [title]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_listen_and_from_where() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    house.get(EVENTS).await.problem(401, "unauthenticated");
    for bad in ["", "x", "7", "999999999999999999999999999999999999"] {
        anna.get(&format!("{EVENTS}?since={bad}")).await.problem(400, "bad_query");
    }
    anna.with("last-event-id", "x").get(EVENTS).await.problem(400, "bad_query");
    anna.with("last-event-id", "\u{457}").get(EVENTS).await.problem(400, "bad_query");
    anna.get(&format!("{EVENTS}?limit=1")).await.problem(400, "bad_query");
    anna.post(EVENTS, json!({})).await.problem(405, "method_not_allowed");
    let opened = anna.get(EVENTS).await;
    assert_eq!((opened.status, opened.header("content-type")), (200, "text/event-stream"));
    assert_eq!((opened.header("cache-control"), opened.header("x-accel-buffering")), ("no-cache", "no"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_all_the_streams_there_are() {
    let house = House::with(Engine::Memory, &[("DAYBOOK_LIMITS_STREAMS", "3")]).await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let mut windows = Vec::new();
    for _ in 0..3 {
        windows.push(anna.listen(EVENTS).await);
    }
    anna.get(EVENTS).await.problem(429, "too_many_requests");
    assert_eq!(boris.get(EVENTS).await.status, 200);
    windows.clear();
    eventually("seats are given back", async || (anna.get(EVENTS).await.status == 200).then_some(())).await;
}

/// Proxies take a silent connection for a dead one, and a place that never moves would grow too old.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nothing_happens_to_is_kept_alive_and_its_place_moves_on() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let mut hers = anna.listen(EVENTS).await;
    hers.block().await.unwrap();
    let start = hers.place.clone();
    write(&boris, "Secret").await;
    while hers.place <= start {
        let (event, lines) =
            tokio::time::timeout(LONGEST, hers.block()).await.expect("a beat in time").unwrap();
        assert_eq!(event, None);
        assert!(lines.lines().any(|line| line.starts_with(':')), "{lines:?}");
    }
    assert_eq!(anna.get(&format!("{TASKS}/changes?since={}", hers.place)).await.is(200)["items"], json!([]));
}

/// A running stream must not use up the time that requests are given to finish.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_stops_ends_its_streams_at_once() {
    let settings = [("DAYBOOK_LIMITS_STOP_GRACE", "1h")];
    let house = House::with(Engine::Embedded, &settings).await;
    let anna = house.user("anna").await;
    let mut hears = anna.listen(EVENTS).await;
    hears.block().await.unwrap();
    drop(house);
    assert_eq!(hears.next().await, None);
}
