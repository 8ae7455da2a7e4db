//! Many jobs at once.

use serde_json::{Value, json};
use testkit::Engine;

use super::{JOBS, called, ids, waiting};
use crate::e2e::client::Client;
use crate::e2e::house::House;

fn items(answer: &Value) -> Vec<Value> {
    answer["items"].as_array().unwrap().clone()
}

fn statuses(answer: &Value) -> Vec<u64> {
    items(answer).iter().map(|item| item["status"].as_u64().unwrap()).collect()
}

/// So many jobs with so many bytes each.
fn large(jobs: usize, bytes: usize) -> Value {
    let job = json!({"kind": "external", "payload": {"text": "x".repeat(bytes)}});
    json!(vec![job; jobs])
}

async fn many(house: &House) {
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let jobs =
        json!([waiting(), {"kind": "magic"}, called("a"), called("a"), {"kind": "external", "attempts": 0}]);
    let made = anna.with("accept-language", "ru").post(JOBS, jobs.clone()).await.is(202);
    assert_eq!(statuses(&made), [202, 422, 202, 200, 422]);
    let made = items(&made);
    assert_eq!(made[3]["job"]["id"], made[2]["job"]["id"]);
    assert_eq!(made[1]["problem"]["title"], "Некоторые поля нельзя принять");
    assert_eq!(made[1]["problem"]["errors"][0]["field"], "kind");
    let listed = anna.get(JOBS).await.is(200);
    assert_eq!(
        listed["items"],
        json!([made[2]["job"], made[0]["job"]]),
        "newest first, as they were answered"
    );
    assert_eq!(statuses(&boris.post(JOBS, jobs).await.is(202)), [202, 422, 202, 200, 422]);
    assert_eq!(anna.post(JOBS, json!([])).await.is(202), json!({"items": []}));
}

async fn sent_again(house: &House) {
    let anna = house.user("anna").await;
    let keyed = anna.with("idempotency-key", "many");
    let jobs = json!([waiting(), {"kind": "magic"}, called("a"), called("a"), waiting()]);
    let first = keyed.post(JOBS, jobs.clone()).await.is(202);
    let again = keyed.post(JOBS, jobs).await;
    assert_eq!((again.is(202), again.header("idempotency-replayed")), (first, "true"));
    assert_eq!(ids(&anna.get(JOBS).await.is(200)).len(), 3);
    keyed.post(JOBS, json!([waiting()])).await.problem(422, "idempotency_key_reused");
    let all_wrong = anna.with("idempotency-key", "wrong");
    for _ in 0..2 {
        assert_eq!(statuses(&all_wrong.post(JOBS, json!([{}])).await.is(202)), [422]);
    }
    let too_many: Vec<Value> = (0..400).map(|n| called(&n.to_string())).collect();
    anna.with("idempotency-key", "keys")
        .post(JOBS, json!(too_many))
        .await
        .refuses(&[("body", "too_much_for_a_key")]);
    let made = statuses(&anna.post(JOBS, json!(too_many)).await.is(202));
    assert_eq!((made.len(), made.iter().all(|status| *status == 202)), (400, true));
    let made = statuses(&anna.post(JOBS, json!(too_many)).await.is(202));
    assert_eq!((made.len(), made.iter().all(|status| *status == 200)), (400, true));
}

/// Ten thousand in one request, of more than a request may usually have.
async fn ten_thousand(house: &House) {
    let anna = house.user("anna").await;
    let made = items(&anna.post(JOBS, large(10_000, 300)).await.is(202));
    let made: Vec<i64> = made.iter().map(|item| item["job"]["id"].as_i64().unwrap()).collect();
    assert_eq!((made.len(), made.is_sorted_by(|one, next| one < next)), (10_000, true));
    let last = anna.get(&format!("{JOBS}/{}", made[9_999])).await.is(200);
    assert_eq!(last["payload"]["text"].as_str().unwrap().len(), 300);
}

async fn refusals(house: &House, nobody: &Client) {
    let anna = house.user("anna").await;
    let before = house.rows().await;
    anna.post(JOBS, json!(vec![json!({}); 10_001])).await.refuses(&[("body", "too_many_items")]);
    anna.post(JOBS, json!([waiting(), 1])).await.refuses(&[("[1]", "wrong_type")]);
    anna.post(JOBS, json!([["external", {}]])).await.refuses(&[("[0]", "wrong_type")]);
    anna.post(JOBS, json!([{"kind": "external", "when": 1}])).await.refuses(&[("[0].when", "unknown_field")]);
    // Nobody in particular has no more room than elsewhere, nor has another path.
    nobody.post(JOBS, large(40, 50_000)).await.problem(413, "body_too_large");
    anna.post("/jobs", large(40, 50_000)).await.problem(413, "body_too_large");
    anna.post("/api/v1/tasks", large(40, 50_000)).await.problem(413, "body_too_large");
    anna.post(JOBS, large(400, 50_000)).await.problem(413, "body_too_large");
    assert_eq!(house.rows().await, before);
}

on_every_engine! {
    async fn each_of_many_has_a_result_of_its_own(engine) {
        many(&House::on(engine).await).await;
    }

    async fn what_is_sent_again_is_made_once(engine) {
        sent_again(&House::on(engine).await).await;
    }

    async fn ten_thousand_at_once(engine) {
        ten_thousand(&House::on(engine).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_through_a_gateway_elsewhere() {
    let house = House::apart(Engine::Embedded).await;
    ten_thousand(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused() {
    let house = House::new().await;
    refusals(&house, &house).await;
}

/// No more than four large bodies are in the house at once; small ones find room.
#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_are_few_at_once() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let head = format!(
        "POST {JOBS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 2000000\r\n\r\n[",
        anna.token
    );
    let mut guests = Vec::new();
    crate::e2e::eventually::eventually("all places are taken", async || {
        // One more each time: a guest may have come while the place was hers.
        let mut guest = tokio::net::TcpStream::connect(anna.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut guest, head.as_bytes()).await.unwrap();
        guests.push(guest);
        let answer = anna.post(JOBS, large(40, 50_000)).await;
        (answer.status == 503).then(|| answer.problem(503, "crowded"))
    })
    .await;
    assert!(guests.len() >= 4, "four find room");
    anna.post(JOBS, waiting()).await.is(202);
    drop(guests);
    crate::e2e::eventually::eventually("there is room again", async || {
        (anna.post(JOBS, large(40, 50_000)).await.status == 202).then_some(())
    })
    .await;
}
