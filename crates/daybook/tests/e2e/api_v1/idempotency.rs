//! `Idempotency-Key`: what may be sent again is done once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::e2e::client::{Answer, Client};
use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";

/// The same person, who may send a request again.
fn with(of: &Person, key: &str) -> Client {
    of.with("idempotency-key", key)
}

/// Made, or made before; what it looks like now.
#[track_caller]
fn made(answer: &Answer, before: bool) -> Value {
    let task = answer.is(201);
    assert_eq!(answer.header("idempotency-replayed"), if before { "true" } else { "" }, "{task}");
    assert_eq!(answer.header("etag"), format!("\"{}\"", task["version"]));
    task
}

async fn count(of: &Person) -> usize {
    of.get(&format!("{TASKS}?limit=200")).await.is(200)["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_answered_with_what_was_made_as_it_is_now() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let (again, milk) = (with(&anna, "a"), json!({"title": "Milk"}));
    let task = made(&again.post(TASKS, milk.clone()).await, false);
    assert_eq!(made(&again.post(TASKS, milk.clone()).await, true), task);
    let path = format!("{TASKS}/{}", task["id"]);
    let changed = anna.patch(&path, json!({"completed": true})).await.is(200);
    assert_eq!(made(&again.post(TASKS, milk.clone()).await, true), changed);

    anna.delete(&path).await.is(204);
    for _ in 0..2 {
        again.post(TASKS, milk.clone()).await.problem(410, "made_and_gone");
    }
    assert_eq!(count(&anna).await, 0, "it is not made a second time");
    let back = anna.post(&format!("{path}/restore"), json!({})).await.is(200);
    assert_eq!(made(&again.post(TASKS, milk).await, true), back);
    assert_eq!(count(&anna).await, 1);
    house.total_becomes("tasks", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_one_body_of_one_person() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let milk = json!({"title": "Milk"});
    let hers = made(&with(&anna, "a").post(TASKS, milk.clone()).await, false);
    for language in ["en", "uk", "ru"] {
        let other = with(&anna, "a").with("accept-language", language);
        other.post(TASKS, json!({"title": "Oat milk"})).await.problem(422, "idempotency_key_reused");
    }
    let reused = with(&anna, "a").post(&format!("{TASKS}?"), milk.clone()).await;
    reused.problem(422, "idempotency_key_reused");
    assert_eq!(count(&anna).await, 1);

    let his = made(&with(&boris, "a").post(TASKS, milk.clone()).await, false);
    let second = made(&with(&anna, "A").post(TASKS, milk.clone()).await, false);
    let ids: BTreeSet<_> = [&hers, &his, &second].map(|task| task["id"].as_u64()).into();
    assert_eq!(ids.len(), 3);
    with(&boris, "a").post(TASKS, json!({"title": "x"})).await.problem(422, "idempotency_key_reused");
    house.with("idempotency-key", "a").post(TASKS, milk).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_path_and_other_verbs_take_no_notice() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let key = with(&anna, "a");
    let first = key.post("/tasks", json!({"title": "Milk"})).await.is(201);
    let second = key.post("/tasks", json!({"title": "Milk"})).await.is(201);
    assert_ne!(first["id"], second["id"]);
    made(&key.post(TASKS, json!({"title": "Milk"})).await, false);
    let path = format!("{TASKS}/{}", first["id"]);
    key.patch(&path, json!({"completed": true})).await.is(200);
    key.delete(&path).await.is(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_key_is_refused_and_makes_nothing() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let milk = json!({"title": "Milk"});
    for wrong in ["", "a b", "ключ", &"x".repeat(256)] {
        with(&anna, wrong).post(TASKS, milk.clone()).await.problem(400, "bad_idempotency_key");
    }
    let twice = with(&anna, "a").with("idempotency-key", "b");
    twice.post(TASKS, milk.clone()).await.problem(400, "bad_idempotency_key");
    assert_eq!(count(&anna).await, 0);
    for right in [&"x".repeat(255), "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""] {
        made(&with(&anna, right).post(TASKS, milk.clone()).await, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_keeps_no_key() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let key = with(&anna, "a");
    key.post(TASKS, json!({"title": ""})).await.refuses(&[("title", "required")]);
    key.post_text(TASKS, "{").await.problem(400, "malformed_json");
    key.send("POST", TASKS, "text/plain", "{}").await.problem(415, "unsupported_media_type");
    made(&key.post(TASKS, json!({"title": "Milk"})).await, false);
    assert_eq!(count(&anna).await, 1);
}

/// A hundred at once: one task, and everybody hears of it.
async fn a_hundred_at_once(house: &House) {
    let anna = house.user("anna").await;
    let key = with(&anna, "a");
    let answers = join_all((0..100).map(|_| key.post(TASKS, json!({"title": "Milk"})))).await;
    let tasks: Vec<Value> = answers.iter().map(|answer| answer.is(201)).collect();
    assert!(tasks.iter().all(|task| *task == tasks[0]), "{tasks:?}");
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!((replayed, count(&anna).await), (99, 1));
    with(&anna, "a").post(TASKS, json!({"title": "x"})).await.problem(422, "idempotency_key_reused");
}

on_every_engine! {
    async fn a_hundred_at_once_make_one(engine) {
        let house = House::on(engine).await;
        a_hundred_at_once(&house).await;
        house.total_becomes("tasks", 1).await;
    }

    async fn a_hundred_at_once_make_one_elsewhere(engine) {
        a_hundred_at_once(&House::apart(engine).await).await;
    }
}
