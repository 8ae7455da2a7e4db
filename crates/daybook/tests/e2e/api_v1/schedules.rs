//! Jobs that the clock puts in for people.

use serde_json::{Value, json};
use std::time::Duration;

use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const SCHEDULES: &str = "/api/v1/schedules";

fn weekly() -> Value {
    json!({"name": "Звіт", "cron": "0 6 * * mon", "zone": "Europe/Kyiv", "kind": "external", "payload": {"of": 7}, "queue": "reports"})
}

async fn one(house: &House) {
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let made = anna.post(SCHEDULES, weekly()).await.is(201);
    assert_eq!(made["next_at"], "2026-11-23T04:00:00.000000Z", "at six on Monday in Kyiv");
    assert_eq!(
        (&made["missed"], &made["paused"], &made["priority"]),
        (&json!("once"), &json!(false), &json!("normal"))
    );
    let path = format!("{SCHEDULES}/{}", made["id"]);
    assert_eq!(anna.get(&path).await.is(200), made);
    assert_eq!(anna.get(SCHEDULES).await.is(200), json!({"items": [made]}));

    let rests = anna.patch(&path, json!({"paused": true})).await.is(200);
    assert_eq!((&rests["next_at"], &rests["paused"]), (&Value::Null, &json!(true)));
    let back = anna.patch(&path, json!({"paused": false, "cron": "30 8 * * *", "zone": "UTC"})).await.is(200);
    assert_eq!(back["next_at"], "2026-11-22T08:30:00.000000Z");
    assert_eq!(anna.patch(&path, json!({"name": "Daily"})).await.is(200)["next_at"], back["next_at"]);

    for answer in [boris.get(&path).await, boris.patch(&path, json!({})).await, boris.delete(&path).await] {
        answer.problem(404, "schedule_not_found");
    }
    anna.delete(&path).await.is(204);
    anna.delete(&path).await.problem(404, "schedule_not_found");
    assert_eq!(anna.get(SCHEDULES).await.is(200), json!({"items": []}));
    house.post(SCHEDULES, weekly()).await.problem(401, "unauthenticated");
}

async fn what_cannot_be(house: &House) {
    let anna = house.user("anna").await;
    let wrong = json!({"cron": "61 * * * *", "zone": "Mars/Phobos", "missed": "never", "kind": "external", "payload": {}});
    let refused = anna.post(SCHEDULES, wrong).await.problem(422, "invalid");
    let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
    assert_eq!(fields, ["name", "cron", "zone", "missed"]);
    let often = json!({"name": "x", "cron": "*/5 * * * * *", "kind": "external"});
    assert_eq!(anna.post(SCHEDULES, often).await.problem(422, "invalid")["errors"][0]["code"], "too_often");
    let kind = json!({"name": "x", "cron": "@daily", "kind": "magic"});
    assert_eq!(anna.post(SCHEDULES, kind).await.problem(422, "invalid")["errors"][0]["field"], "kind");
    anna.post(SCHEDULES, json!({"name": "x", "run_at": "2027-01-01T00:00:00Z"}))
        .await
        .problem(422, "invalid");
}

async fn struck(house: &House) {
    let anna = house.user("anna").await;
    let soon = json!({"name": "Soon", "cron": "32 9 * * *", "kind": "external", "queue": "reports"});
    anna.post(SCHEDULES, soon).await.is(201);
    house.clock.advance(Duration::from_secs(150));
    let job = eventually("the clock has struck", async || {
        let jobs = anna.get("/api/v1/jobs").await.is(200);
        jobs["items"].get(0).cloned()
    })
    .await;
    assert_eq!(
        (&job["kind"], &job["queue"], &job["state"]),
        (&json!("external"), &json!("reports"), &json!("queued"))
    );
    assert_eq!(job["run_at"], "2026-11-21T09:32:00.000000Z");
    assert_eq!(anna.get(SCHEDULES).await.is(200)["items"][0]["next_at"], "2026-11-22T09:32:00.000000Z");
}

on_every_engine! {
    async fn people_have_schedules_of_their_own(engine) {
        one(&House::on(engine).await).await;
    }

    async fn a_schedule_that_cannot_be_is_refused(engine) {
        what_cannot_be(&House::on(engine).await).await;
    }

    async fn the_clock_puts_in_what_is_due(engine) {
        struck(&House::on(engine).await).await;
    }
}
