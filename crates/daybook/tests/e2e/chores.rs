//! What is over goes by itself, once its time has passed.

use std::sync::Arc;
use std::time::Duration;

use db::{Db, sql};
use jobs::{Draft, Queue};
use serde_json::json;
use types::{Clock, Ids, Timestamp, UserId};

use super::eventually::eventually;
use super::house::{House, PASSWORD, Person};

const DAY: Duration = Duration::from_hours(24);

/// How many rows this table has.
async fn rows(db: &Db, table: &str) -> i64 {
    db.first(sql!("select count(*) from ").push(table)).await.unwrap().unwrap()
}

/// A job of this person's that was called off.
async fn called_off(house: &House, db: &Db, of: &Person) {
    let clock: Arc<dyn Clock> = Arc::new(house.clock.clone());
    let ids = Ids::new(clock.clone(), 31, Timestamp::from_micros(i64::MAX / 2));
    let queue = Queue::new(db.clone(), ids, clock);
    let owner = Some(UserId::new(i64::try_from(of.id).unwrap()).unwrap());
    let job = queue.add(vec![Draft { owner, ..Draft::new("nobody", "{}", 1) }]).await.unwrap()[0];
    assert!(queue.cancel(owner, job).await.unwrap());
}

on_every_engine! {
    async fn a_house_loses_what_is_old_by_itself(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let db = house.databases().next().unwrap().clone();
        let keyed = anna.with("idempotency-key", "milk");
        let milk = keyed.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        let bread = anna.post("/api/v1/tasks", json!({"title": "Bread"})).await.is(201);
        assert_eq!(anna.delete(&format!("/api/v1/tasks/{}", milk["id"])).await.status, 204);
        house.post("/auth/verify-code", json!({"email": "anna@example.org", "reason": "login"})).await.is(200);
        house.login("boris@example.org").await.post("/logout", json!({})).await.is(200);
        let password = json!({"password": PASSWORD}).to_string();
        boris.send("DELETE", "/api/v1/me", "application/json", password).await.is(200);
        called_off(&house, &db, &anna).await;
        for table in ["idempotency_keys", "gone_tasks", "codes", "endings", "leavers", "jobs where owner_id is not null"] {
            assert!(rows(&db, table).await > 0, "{table}");
        }
        house.settled().await;

        house.pass(DAY * 31).await;
        for table in [
            "idempotency_keys",
            "gone_tasks",
            "tasks where gone = 1",
            "codes",
            "endings",
            "leavers",
            "users where deleted_at is not null",
            "sessions where seen_at < 1796000000000000",
            "facts where created_at < 1796000000000000 and topic = 'tasks'",
            "jobs where owner_id is not null",
        ] {
            eventually(&format!("{table} is empty"), async || (rows(&db, table).await == 0).then_some(())).await;
        }
        let anna = house.login("anna@example.org").await;
        assert_eq!(anna.get("/api/v1/tasks").await.is(200)["items"][0]["id"], bread["id"]);
        anna.post(&format!("/api/v1/tasks/{}/restore", milk["id"]), json!({})).await.problem(404, "task_not_found");
    }
}

/// The numbers of the queue, on the system port.
#[tokio::test(flavor = "multi_thread")]
async fn operators_see_how_the_queue_is_doing() {
    let house = House::new().await;
    let text = eventually("the worker is signed in", async || {
        let text = house.system.get("/metrics").await.text();
        text.contains("daybook_jobs_workers{roles=\"identity+jobs+messenger+tasks\"} 1").then_some(text)
    })
    .await;
    for state in ["queued", "scheduled", "running", "dead"] {
        let line = format!("daybook_jobs{{roles=\"identity+jobs+messenger+tasks\",state=\"{state}\"}} 0");
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    assert!(text.contains("daybook_jobs_oldest_seconds{roles=\"identity+jobs+messenger+tasks\"} 0"));
    assert!(!text.contains("daybook_jobs_came"), "nothing is told of them here");
}
