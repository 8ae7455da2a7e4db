//! The worker that the documentation shows, run against a house.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, PASSWORD};

const JOBS: &str = "/api/v1/jobs";

/// The worker; nothing where there is no Python, which is an error where everything has to run.
fn worker(house: &House, who: &str) -> Option<Child> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/worker.py");
    let started = Command::new("python3")
        .args(["-X", "utf8", "-B"])
        .arg(example)
        .env("DAYBOOK", format!("http://{}", house.address))
        .env("DAYBOOK_USER", who)
        .env("DAYBOOK_PASSWORD", PASSWORD)
        .env("QUEUE", "sums")
        .stdin(Stdio::null())
        .spawn();
    if started.is_err() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 is missing");
    }
    started.ok()
}

async fn over(client: &Client, id: &Value) -> Value {
    eventually("the job is over", async || {
        let job = client.get(&format!("{JOBS}/{id}")).await.is(200);
        ["done", "dead"].contains(&job["state"].as_str().unwrap()).then_some(job)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_in_the_documentation_does_jobs_and_stops_when_it_is_told_to() {
    let house = House::new().await;
    house.post("/register", json!({"username": "worker", "password": PASSWORD})).await.is(201);
    let token = house.post("/login", json!({"username": "worker", "password": PASSWORD})).await.is(200);
    let owner = house.bearing(token["access_token"].as_str().unwrap());
    let Some(mut worker) = worker(&house, "worker") else { return };
    let job = |numbers: Value| json!({"kind": "external", "queue": "sums", "attempts": 1, "payload": {"numbers": numbers}});
    let good = owner.post(JOBS, job(json!([1, 2, 4]))).await.is(202);
    let bad = owner.post(JOBS, job(json!("x"))).await.is(202);
    assert_eq!(over(&owner, &good["id"]).await["state"], "done");
    let bad = over(&owner, &bad["id"]).await;
    assert_eq!(bad["state"], "dead");
    assert!(bad["error"].as_str().unwrap().contains("TypeError"), "{bad}");
    let told = Command::new("kill").args(["-TERM", &worker.id().to_string()]).status().unwrap();
    assert!(told.success());
    let ended = eventually("the worker ends", async || worker.try_wait().unwrap()).await;
    assert_eq!(ended.code(), Some(0));
}
