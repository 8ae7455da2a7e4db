//! `/api/v1/work`: programs outside that do their owner's jobs.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;
use types::Clock;

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const JOBS: &str = "/api/v1/jobs";
const CLAIM: &str = "/api/v1/work/claim";

async fn put(client: &Client, more: Value) -> u64 {
    let mut job = json!({"kind": "external", "payload": {"text": "ї"}});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post(JOBS, job).await.is(202)["id"].as_u64().unwrap()
}

async fn claim(client: &Client, body: Value) -> Vec<Value> {
    client.post(CLAIM, body).await.is(200)["items"].as_array().unwrap().clone()
}

fn of(work: &Value, verb: &str) -> String {
    format!("/api/v1/work/{}/{verb}", work["id"])
}

async fn state(client: &Client, id: &Value) -> String {
    client.get(&format!("{JOBS}/{id}")).await.is(200)["state"].as_str().unwrap().to_owned()
}

on_every_engine! {
    async fn a_worker_takes_a_job_and_says_what_came_of_it(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let id = put(&anna, json!({})).await;
        assert_eq!(claim(&boris, json!({})).await, Vec::<Value>::new(), "it is none of his");
        let work = claim(&anna, json!({"max": 100, "lease_seconds": 600})).await.pop().unwrap();
        let until = house.clock.now().plus(Duration::from_mins(10)).to_string();
        let expected = json!({"id": id, "claim": work["claim"], "kind": "external", "queue": "default",
            "payload": {"text": "ї"}, "attempt": 1, "attempts": 10, "created_at": house.clock.now().to_string(), "lease_until": until});
        assert_eq!(work, expected);
        assert_eq!(state(&anna, &work["id"]).await, "running");
        assert_eq!(claim(&anna, json!({})).await, Vec::<Value>::new(), "it is taken");

        let beat = json!({"claim": work["claim"], "lease_seconds": 3_600, "progress": {"percent": 40}});
        let until = house.clock.now().plus(Duration::from_hours(1)).to_string();
        assert_eq!(anna.post(&of(&work, "heartbeat"), beat.clone()).await.is(200), json!({"lease_until": until, "cancelled": false}));
        let seen = anna.get(&format!("{JOBS}/{id}")).await.is(200);
        assert_eq!(seen["progress"], json!({"percent": 40}));

        let done = json!({"claim": work["claim"], "result": {"sum": 7}});
        for (verb, body) in [("heartbeat", &beat), ("complete", &done), ("fail", &json!({"claim": work["claim"], "error": "no"}))] {
            boris.post(&of(&work, verb), body.clone()).await.problem(404, "job_not_found");
            house.post(&of(&work, verb), body.clone()).await.problem(401, "unauthenticated");
            anna.post(&format!("/api/v1/work/17/{verb}"), body.clone()).await.problem(404, "job_not_found");
        }
        for _ in 0..2 {
            let answer = anna.post(&of(&work, "complete"), done.clone()).await.is(200);
            assert_eq!(answer, json!({"id": id, "state": "done", "run_at": null}));
        }
        anna.post(&of(&work, "complete"), json!({"claim": work["claim"], "result": 8})).await.problem(409, "claim_lost");
        anna.post(&of(&work, "heartbeat"), beat).await.problem(409, "claim_lost");
        assert_eq!(state(&anna, &work["id"]).await, "done");
    }

    async fn what_fails_comes_again_in_its_time(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        put(&anna, json!({"attempts": 2, "queue": "mail"})).await;
        let queues = json!({"queues": ["none", "mail"]});
        let work = claim(&anna, queues.clone()).await.pop().unwrap();
        let failed = json!({"claim": work["claim"], "error": "busy", "retry_after": 3_600});
        let answer = anna.post(&of(&work, "fail"), failed.clone()).await.is(200);
        let due = house.clock.now().plus(Duration::from_hours(1)).to_string();
        assert_eq!((answer["state"].clone(), answer["run_at"].clone()), (json!("scheduled"), json!(due)));
        assert_eq!(anna.post(&of(&work, "fail"), failed).await.is(200), answer, "said twice, it counts once");
        assert_eq!(claim(&anna, queues.clone()).await, Vec::<Value>::new(), "it rests");
        house.pass(Duration::from_hours(1)).await;
        let anna = house.login("anna@example.org").await;
        let again = json!({"queues": ["mail"], "wait_seconds": 20});
        let again = claim(&anna, again).await.pop().unwrap();
        assert_eq!((&again["id"], &again["attempt"]), (&work["id"], &json!(2)));
        let dead = anna.post(&of(&again, "fail"), json!({"claim": again["claim"], "error": "busy"})).await.is(200);
        assert_eq!(dead["state"], "dead");
        anna.post(&of(&work, "fail"), json!({"claim": work["claim"], "error": "late"})).await.problem(409, "claim_lost");

        put(&anna, json!({})).await;
        let work = claim(&anna, json!({})).await.pop().unwrap();
        let never = json!({"claim": work["claim"], "error": "no such place", "retry": false});
        assert_eq!(anna.post(&of(&work, "fail"), never).await.is(200)["state"], "dead");
    }

    async fn whoever_is_silent_loses_the_job_and_one_that_was_called_off_is_over(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        for _ in 0..2 {
            put(&anna, json!({})).await;
        }
        let works = claim(&anna, json!({"max": 2, "lease_seconds": 5})).await;
        anna.post(&format!("{JOBS}/{}/cancel", works[1]["id"]), json!({})).await.is(200);
        let beat = anna.post(&of(&works[1], "heartbeat"), json!({"claim": works[1]["claim"], "lease_seconds": 5})).await;
        assert_eq!(beat.is(200)["cancelled"], true);
        house.clock.advance(Duration::from_secs(6));
        eventually("the first is taken over", async || (state(&anna, &works[0]["id"]).await == "queued").then_some(())).await;
        eventually("the second is over", async || (state(&anna, &works[1]["id"]).await == "cancelled").then_some(())).await;
        for work in &works {
            anna.post(&of(work, "complete"), json!({"claim": work["claim"]})).await.problem(409, "claim_lost");
        }
        let again = claim(&anna, json!({})).await.pop().unwrap();
        assert_eq!((&again["id"], &again["attempt"]), (&works[0]["id"], &json!(2)));
    }

    async fn a_worker_waits_for_a_job(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let waiting = claim(&anna, json!({"wait_seconds": 30}));
        let putting = async {
            tokio::task::yield_now().await;
            put(&anna, json!({})).await
        };
        let (works, id) = tokio::join!(waiting, putting);
        assert_eq!((works.len(), &works[0]["id"]), (1, &json!(id)));
        assert_eq!(claim(&anna, json!({"wait_seconds": 1})).await, Vec::<Value>::new());
    }

    async fn a_hundred_workers_take_each_job_once(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut ids = Vec::new();
        for _ in 0..60 {
            ids.push(put(&anna, json!({})).await);
        }
        let taken = futures_util::future::join_all((0..100).map(|_| claim(&anna, json!({})))).await;
        let mut taken: Vec<u64> = taken.concat().iter().map(|work| work["id"].as_u64().unwrap()).collect();
        taken.sort_unstable();
        assert_eq!(taken, ids);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_through_a_gateway_that_leaves_slow_services_alone() {
    let house = House::behind_a_gateway(Engine::Embedded, &[("DAYBOOK_GATEWAY_SLOW", "1s")]).await;
    let anna = house.user("anna").await;
    for _ in 0..4 {
        assert_eq!(claim(&anna, json!({"wait_seconds": 2})).await, Vec::<Value>::new());
    }
    let (works, id) = tokio::join!(claim(&anna, json!({"wait_seconds": 30})), put(&anna, json!({})));
    assert_eq!(works[0]["id"], id, "nobody was left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_said_field_by_field() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let wrong = json!({"queues": ["Mail"], "max": 0, "lease_seconds": 4, "wait_seconds": 31});
    let out = "out_of_range";
    anna.post(CLAIM, wrong).await.refuses(&[
        ("queues", "bad_queue"),
        ("max", out),
        ("lease_seconds", out),
        ("wait_seconds", out),
    ]);
    anna.post(CLAIM, json!({"queues": []})).await.refuses(&[("queues", out)]);
    anna.post(CLAIM, json!({"max": 101})).await.refuses(&[("max", out)]);
    anna.post(CLAIM, json!({"queue": "mail"})).await.refuses(&[("queue", "unknown_field")]);
    house.post(CLAIM, json!({})).await.problem(401, "unauthenticated");
    let path = |verb: &str| format!("/api/v1/work/17/{verb}");
    let bad = json!({"claim": "17", "lease_seconds": 3_601, "progress": "x".repeat(5_000)});
    anna.post(&path("heartbeat"), bad).await.refuses(&[
        ("claim", "bad_claim"),
        ("lease_seconds", out),
        ("progress", "too_long"),
    ]);
    let bad = json!({"claim": "", "result": "x".repeat(70_000)});
    anna.post(&path("complete"), bad).await.refuses(&[("claim", "bad_claim"), ("result", "too_long")]);
    let bad = json!({"claim": "", "error": "x".repeat(5_000), "retry_after": 604_801});
    anna.post(&path("fail"), bad).await.refuses(&[
        ("claim", "bad_claim"),
        ("error", "too_long"),
        ("retry_after", out),
    ]);
    for verb in ["heartbeat", "complete", "fail"] {
        anna.post(&path(verb), json!({})).await.refuses(&[("claim", "required")]);
        anna.post("/api/v1/work/x/fail", json!({"claim": "1:1", "error": "x"})).await.problem(400, "bad_id");
    }
}
