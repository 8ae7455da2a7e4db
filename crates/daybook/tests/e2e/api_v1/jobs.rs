//! `/api/v1/jobs`: what people have done later, and what becomes of it.

use serde_json::{Value, json};

use crate::e2e::house::House;

const JOBS: &str = "/api/v1/jobs";

/// A job that nobody does: there are no workers outside of this house.
fn waiting() -> Value {
    json!({"kind": "external", "payload": {"text": "ї"}})
}

on_every_engine! {
    async fn a_job_is_put_in_the_queue_and_seen_by_its_owner_alone(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let answer = anna.post(JOBS, waiting()).await;
        let made = answer.is(202);
        let path = format!("{JOBS}/{}", made["id"]);
        assert_eq!(answer.header("location"), path);
        assert_eq!((&made["state"], &made["queue"], &made["attempts"]), (&json!("queued"), &json!("default"), &json!(10)));
        assert_eq!(anna.get(&path).await.is(200)["id"], made["id"]);
        assert_eq!(anna.get(JOBS).await.is(200), json!({"items": [made], "next": null}));
        boris.get(&path).await.problem(404, "job_not_found");
        assert_eq!(boris.get(JOBS).await.is(200)["items"], json!([]));
    }
}
