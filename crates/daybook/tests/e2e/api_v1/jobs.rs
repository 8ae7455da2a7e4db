//! `/api/v1/jobs`: what people have done later, and what becomes of it.

mod asked;
mod bulk;
mod stream;
mod told;

use std::time::Duration;

use db::{Batch, sql};
use serde_json::{Value, json};
use types::Clock;

use crate::e2e::house::{House, Person};

const JOBS: &str = "/api/v1/jobs";

/// A job that waits: nobody outside of this house does anything.
fn waiting() -> Value {
    json!({"kind": "external", "payload": {"text": "ї"}})
}

/// The same that is called something.
fn called(key: &str) -> Value {
    json!({"kind": "external", "key": key})
}

async fn put(of: &Person, job: Value) -> (Value, String) {
    let made = of.post(JOBS, job).await.is(202);
    let path = format!("{JOBS}/{}", made["id"]);
    (made, path)
}

fn id(job: &Value) -> i64 {
    job["id"].as_i64().unwrap()
}

fn ids(page: &Value) -> Vec<i64> {
    page["items"].as_array().unwrap().iter().map(id).collect()
}

/// Somebody outside takes a job that waits, for an hour.
async fn taken(house: &House, job: &Value) {
    let now = house.clock.now();
    let hold = sql!(
        "insert into job_held (id, claim, worker, lane, priority, owner_id, attempt, started_at, held_until, cancelled) \
         select id, 1, 0, lane, priority, owner_id, attempt + 1, ?, ?, 0 from job_queue where id = ?",
        now,
        now.plus(Duration::from_hours(1)),
        id(job)
    );
    let gone = sql!("delete from job_queue where id = ?", id(job));
    house.write_for("jobs", Batch::of_one(hold).one(gone)).await;
}

/// A job that waits is over, after one attempt.
async fn over(house: &House, job: &Value, state: i64) {
    let now = house.clock.now();
    let gone = sql!("delete from job_queue where id = ?", id(job));
    let write = sql!(
        "update jobs set state = ?, attempt = 1, started_at = ?, finished_at = ?, error = 'no' where id = ?",
        state,
        now,
        now,
        id(job)
    );
    let told = sql!(
        "insert into job_attempts (job_id, attempt, started_at, ended_at, outcome, error) values (?, 1, ?, ?, 'failed', 'no')",
        id(job),
        now,
        now
    );
    let free = sql!("delete from job_keys where id = ?", id(job));
    house.write_for("jobs", Batch::of_one(gone).one(write).one(told).any(free)).await;
}

const DONE: i64 = 2;
const DEAD: i64 = 3;

on_every_engine! {
    async fn a_job_is_put_in_the_queue_and_seen_by_its_owner_alone(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let answer = anna.post(JOBS, waiting()).await;
        let made = answer.is(202);
        let path = format!("{JOBS}/{}", made["id"]);
        assert_eq!(answer.header("location"), path);
        let said = json!([made["state"], made["kind"], made["queue"], made["priority"], made["attempts"], made["attempt"]]);
        assert_eq!(said, json!(["queued", "external", "default", "normal", 10, 0]));
        let whole = anna.get(&path).await.is(200);
        assert_eq!((&whole["id"], &whole["payload"], &whole["result"]), (&made["id"], &json!({"text": "ї"}), &Value::Null));
        assert_eq!(whole["timeline"], json!([{"at": made["created_at"], "what": "created"}]));
        assert_eq!(anna.get(JOBS).await.is(200), json!({"items": [made], "next": null}));

        for path in [path.clone(), format!("{path}/explain"), format!("{path}/stream")] {
            boris.get(&path).await.problem(404, "job_not_found");
        }
        for verb in ["cancel", "retry"] {
            boris.post(&format!("{path}/{verb}"), Value::Null).await.problem(404, "job_not_found");
        }
        assert_eq!(boris.get(JOBS).await.is(200)["items"], json!([]));
        assert_eq!(anna.get(&path).await.is(200)["state"], "queued");
    }

    async fn one_that_is_called_something_is_there_once_while_it_is_open(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let (made, path) = put(&anna, called("report")).await;
        let again = anna.post(JOBS, called("report")).await;
        assert_eq!((again.is(200)["id"].clone(), again.header("location")), (made["id"].clone(), path.as_str()));
        put(&boris, called("report")).await;
        put(&anna, json!({"kind": "external", "key": "report", "queue": "other"})).await;
        anna.post(&format!("{path}/cancel"), Value::Null).await.is(200);
        let (next, _) = put(&anna, called("report")).await;
        assert_ne!(next["id"], made["id"]);
        // Nor does it come back while another is called so.
        anna.post(&format!("{path}/retry"), Value::Null).await.problem(409, "job_key_taken");
        anna.post(&format!("{JOBS}/{}/cancel", next["id"]), Value::Null).await.is(200);
        assert_eq!(anna.post(&format!("{path}/retry"), Value::Null).await.is(200)["state"], "queued");
    }

    async fn what_is_sent_again_with_its_key_is_made_once(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let keyed = anna.with("idempotency-key", "a");
        let first = keyed.post(JOBS, waiting()).await;
        let again = keyed.post(JOBS, waiting()).await;
        assert_eq!((again.is(202), again.header("idempotency-replayed")), (first.is(202), "true"));
        assert_eq!(again.header("location"), first.header("location"));
        keyed.post(JOBS, called("x")).await.problem(422, "idempotency_key_reused");
        // One that is open already was made by nobody here, however often it is asked for.
        put(&anna, called("open")).await;
        for _ in 0..2 {
            anna.with("idempotency-key", "b").post(JOBS, called("open")).await.is(200);
        }
        assert_eq!(ids(&anna.get(JOBS).await.is(200)).len(), 2);
    }

    async fn later_means_later(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let now = house.clock.now();
        let (later, path) = put(&anna, json!({"kind": "external", "delay": 3_600})).await;
        let due = now.plus(Duration::from_hours(1)).to_string();
        assert_eq!((&later["state"], &later["run_at"]), (&json!("scheduled"), &json!(due)));
        let whole = anna.get(&path).await.is(200);
        assert_eq!(whole["timeline"][1], json!({"at": due, "what": "due"}));
        let (past, _) = put(&anna, json!({"kind": "external", "run_at": "2020-02-29T00:00:00+02:00"})).await;
        assert_eq!((&past["state"], &past["run_at"]), (&json!("queued"), &past["created_at"]));
        let (then, _) = put(&anna, json!({"kind": "external", "run_at": due, "priority": "high", "attempts": 1})).await;
        assert_eq!(json!([then["state"], then["priority"], then["attempts"]]), json!(["scheduled", "high", 1]));
        assert_eq!(anna.post(&format!("{path}/cancel"), Value::Null).await.is(200)["state"], "cancelled");
        house.pass(Duration::from_hours(2)).await;
        let anna = house.login(&anna.email).await;
        assert_eq!(anna.get(&path).await.is(200)["state"], "cancelled");
    }

    async fn lists_are_by_state_and_kind_and_go_on(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(put(&anna, waiting()).await.0);
        }
        let (later, _) = put(&anna, json!({"kind": "external", "delay": 60})).await;
        over(&house, &made[0], DEAD).await;
        over(&house, &made[1], DONE).await;
        taken(&house, &made[2]).await;
        let of = |path: String| { let anna = &anna; async move { ids(&anna.get(&format!("{JOBS}?{path}")).await.is(200)) } };
        for (query, wanted) in [
            ("state=dead", vec![id(&made[0])]),
            ("state=running", vec![id(&made[2])]),
            ("state=queued", vec![id(&made[4]), id(&made[3])]),
            ("state=scheduled,done", vec![id(&later), id(&made[1])]),
            ("state=cancelled", vec![]),
            ("kind=external&state=done", vec![id(&made[1])]),
        ] {
            assert_eq!(of(query.to_owned()).await, wanted, "{query}");
        }
        let first = anna.get(&format!("{JOBS}?limit=4")).await.is(200);
        let rest = anna.get(&format!("{JOBS}?limit=4&cursor={}", first["next"].as_str().unwrap())).await.is(200);
        let all: Vec<i64> = [ids(&first), ids(&rest)].concat();
        let mut wanted: Vec<i64> = made.iter().chain([&later]).map(id).collect();
        wanted.reverse();
        assert_eq!((all, rest["next"].clone()), (wanted, Value::Null));
    }

    async fn what_waits_or_runs_is_called_off_and_what_is_over_is_not(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let (_, queued) = put(&anna, waiting()).await;
        for _ in 0..2 {
            let answer = anna.post(&format!("{queued}/cancel"), Value::Null).await.is(200);
            assert_eq!((&answer["state"], answer["finished_at"].is_string()), (&json!("cancelled"), true));
        }
        let (job, running) = put(&anna, waiting()).await;
        taken(&house, &job).await;
        for _ in 0..2 {
            let answer = anna.post(&format!("{running}/cancel"), Value::Null).await.is(200);
            assert_eq!((&answer["state"], &answer["cancelling"]), (&json!("running"), &json!(true)));
        }
        for state in [DONE, DEAD] {
            let (job, path) = put(&anna, waiting()).await;
            over(&house, &job, state).await;
            anna.post(&format!("{path}/cancel"), Value::Null).await.problem(409, "job_over");
        }
    }

    async fn what_is_dead_or_was_called_off_is_tried_again(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let (job, dead) = put(&anna, json!({"kind": "external", "attempts": 1})).await;
        anna.post(&format!("{dead}/retry"), Value::Null).await.problem(409, "job_not_over");
        over(&house, &job, DEAD).await;
        let again = anna.post(&format!("{dead}/retry"), Value::Null).await.is(200);
        assert_eq!((&again["state"], &again["attempts"], &again["finished_at"]), (&json!("queued"), &json!(2), &Value::Null));
        anna.post(&format!("{dead}/retry"), Value::Null).await.problem(409, "job_not_over");
        let (job, done) = put(&anna, waiting()).await;
        over(&house, &job, DONE).await;
        anna.post(&format!("{done}/retry"), Value::Null).await.problem(409, "job_not_over");
        let (_, off) = put(&anna, waiting()).await;
        anna.post(&format!("{off}/cancel"), Value::Null).await.is(200);
        assert_eq!(anna.post(&format!("{off}/retry"), Value::Null).await.is(200)["attempts"], 10);
    }

    async fn many_are_tried_again_at_once(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let mut made = Vec::new();
        for _ in 0..4 {
            made.push(put(&anna, waiting()).await.0);
        }
        for job in &made[..3] {
            over(&house, job, DEAD).await;
        }
        let again = format!("{JOBS}/retry");
        let all: Vec<i64> = made.iter().map(id).collect();
        assert_eq!(boris.post(&again, json!({"ids": all})).await.is(200), json!({"retried": 0, "more": false}));
        let two = json!({"ids": [all[0], all[3], 17]});
        assert_eq!(anna.post(&again, two).await.is(200), json!({"retried": 1, "more": false}));
        assert_eq!(anna.post(&again, json!({"state": "cancelled"})).await.is(200)["retried"], 0);
        let rest = json!({"state": "dead", "kind": "external"});
        assert_eq!(anna.post(&again, rest.clone()).await.is(200), json!({"retried": 2, "more": false}));
        assert_eq!(anna.post(&again, rest).await.is(200)["retried"], 0);
        assert_eq!(ids(&anna.get(&format!("{JOBS}?state=queued")).await.is(200)).len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_login_nothing_happens() {
    let house = House::new().await;
    for path in ["", "/17", "/17/explain", "/17/stream", "/summary"] {
        house.get(&format!("{JOBS}{path}")).await.problem(401, "unauthenticated");
    }
    for path in ["", "/17/cancel", "/17/retry", "/retry"] {
        house.post(&format!("{JOBS}{path}"), json!({})).await.problem(401, "unauthenticated");
    }
    assert_eq!(house.rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_named_at_once() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let before = house.rows().await;
    let long = "x".repeat(70_000);
    for (job, wrong) in [
        (json!({}), vec![("kind", "required")]),
        (json!({"kind": "magic"}), vec![("kind", "unknown_kind")]),
        (
            json!({"kind": "external", "payload": [], "delay": -1, "priority": "low", "key": "", "attempts": 26, "queue": "A"}),
            vec![
                ("payload", "not_an_object"),
                ("delay", "bad_delay"),
                ("priority", "bad_priority"),
                ("key", "required"),
                ("attempts", "bad_attempts"),
                ("queue", "bad_queue"),
            ],
        ),
        (json!({"kind": "external", "payload": {"text": long}}), vec![("payload", "payload_too_large")]),
        (json!({"kind": "external", "run_at": "2999-01-01T00:00:00Z"}), vec![("run_at", "too_far")]),
        (
            json!({"kind": "external", "run_at": "2020-01-01T00:00:00Z", "delay": 1}),
            vec![("delay", "both_times")],
        ),
        (json!({"kind": "external", "delay": 40_000_000}), vec![("delay", "bad_delay")]),
        (json!({"kind": "external", "run_at": "tomorrow"}), vec![("run_at", "wrong_type")]),
        (json!({"kind": 1}), vec![("kind", "wrong_type")]),
        (json!({"kind": "external", "when": 1}), vec![("when", "unknown_field")]),
    ] {
        anna.post(JOBS, job).await.refuses(&wrong);
    }
    assert_eq!(house.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_refused() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let before = house.rows().await;
    // Halves of characters, and numbers that no number is.
    for payload in [r#"{"a": "\ud800"}"#, r#"{"a": 1e999}"#] {
        let job = format!(r#"{{"kind": "external", "payload": {payload}}}"#);
        anna.post_text(JOBS, job).await.refuses(&[("payload", "not_an_object")]);
    }
    for (body, code) in [("{", "malformed_json"), ("", "malformed_json")] {
        anna.post_text(JOBS, body).await.problem(400, code);
    }
    anna.post_text(JOBS, "7").await.refuses(&[("body", "wrong_type")]);
    let retry = format!("{JOBS}/retry");
    anna.post(&retry, json!({"state": "done"})).await.refuses(&[("state", "bad_state")]);
    anna.post(&retry, json!({"kind": "magic"})).await.refuses(&[("kind", "unknown_kind")]);
    anna.post(&retry, json!({"ids": vec![17; 1_001]})).await.refuses(&[("ids", "too_many_items")]);
    anna.post(&retry, json!({"ids": ["x"]})).await.refuses(&[("ids[0]", "wrong_type")]);
    for query in ["state=asleep", "kind=magic", "limit=0", "limit=201", "cursor=x", "page=1"] {
        anna.get(&format!("{JOBS}?{query}")).await.problem(400, "bad_query");
    }
    for path in ["x", "0", "17/explain/x"] {
        let answer = anna.get(&format!("{JOBS}/{path}")).await;
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.text());
    }
    anna.get(&format!("{JOBS}/17")).await.problem(404, "job_not_found");
    anna.get(&format!("{JOBS}/17/explain")).await.problem(404, "job_not_found");
    anna.get(&format!("{JOBS}/17/stream")).await.problem(404, "job_not_found");
    anna.delete(&format!("{JOBS}/17")).await.problem(405, "method_not_allowed");
    assert_eq!(house.rows().await, before);
}
