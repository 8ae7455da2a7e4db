//! What changed since a client last asked.

use std::time::Duration;

use serde_json::{Value, json};

use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";
const CHANGES: &str = "/api/v1/tasks/changes";

fn since(answer: &Value) -> String {
    format!("{CHANGES}?since={}", answer["next"].as_str().unwrap())
}

/// The first answer that has this many changes in it.
async fn changes(of: &Person, path: &str, count: usize) -> Value {
    eventually(&format!("{count} changes are told"), async || {
        let answer = of.get(path).await.is(200);
        (answer["items"].as_array().map(Vec::len) == Some(count)).then_some(answer)
    })
    .await
}

on_every_engine! {
    async fn each_change_is_told_once_and_deletions_too(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let milk = anna.post(TASKS, json!({"title": "Milk"})).await.is(201);
        let bread = anna.post(TASKS, json!({"title": "Bread"})).await.is(201);
        let first = changes(&anna, CHANGES, 2).await;
        assert_eq!(first["items"][0], json!({"id": milk["id"], "deleted": false, "task": milk}));
        assert_eq!(first["more"], false);
        assert_eq!(anna.get(&since(&first)).await.is(200)["items"], json!([]));
        assert_eq!(boris.get(CHANGES).await.is(200)["items"], json!([]));

        let path = format!("{TASKS}/{}", milk["id"]);
        let done = anna.patch(&path, json!({"completed": true})).await.is(200);
        let second = changes(&anna, &since(&first), 1).await;
        assert_eq!(second["items"][0]["task"], done);
        anna.delete("/tasks").await.is(204);
        let third = changes(&anna, &since(&second), 2).await;
        let gone = |task: &Value| json!({"id": task["id"], "deleted": true, "task": null});
        assert_eq!(third["items"], json!([gone(&milk), gone(&bread)]));
        anna.post(&format!("{path}/restore"), json!({})).await.is(200);
        let back = changes(&anna, &since(&third), 1).await;
        assert_eq!(back["items"][0]["task"]["version"], 4);
        assert_eq!(changes(&anna, &since(&first), 2).await["items"][0], gone(&bread), "each once, as it is now");
    }

    async fn many_that_one_fact_tells_of_go_over_several_answers(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let items: Vec<Value> = (0..250).map(|n| json!({"title": n.to_string()})).collect();
        anna.post("/api/v1/tasks/bulk", json!({"items": items})).await.is(200);
        changes(&anna, CHANGES, 100).await;
        let (mut found, mut path) = (Vec::new(), CHANGES.to_owned());
        loop {
            let answer = anna.get(&path).await.is(200);
            found.extend(answer["items"].as_array().unwrap().iter().map(|item| item["task"]["title"].as_str().unwrap().to_owned()));
            path = since(&answer);
            if answer["more"] == false {
                break;
            }
        }
        assert_eq!(found, (0..250).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    async fn whoever_was_away_too_long_starts_over(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let milk = anna.post(TASKS, json!({"title": "Milk"})).await.is(201);
        let old = changes(&anna, CHANGES, 1).await;
        anna.delete(&format!("{TASKS}/{}", milk["id"])).await.is(204);
        changes(&anna, &since(&old), 1).await;

        house.pass(Duration::from_hours(91 * 24)).await;
        let anna = house.login(&anna.email).await;
        anna.post(TASKS, json!({"title": "Bread"})).await.is(201);
        eventually("the deletion is forgotten", async || (anna.get(&since(&old)).await.status == 410).then_some(())).await;
        let refused = anna.with("accept-language", "ru").get(&since(&old)).await.problem(410, "too_old");
        assert_eq!(refused["title"], "Это было слишком давно; начните сначала без since");
        let over = changes(&anna, CHANGES, 1).await;
        assert_eq!(over["items"][0]["task"]["title"], "Bread");
        anna.get(&since(&over)).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_none_is_refused() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    house.get(CHANGES).await.problem(401, "unauthenticated");
    for bad in ["", "x", "7", "-1", "999999999999999999999999999999999999"] {
        anna.get(&format!("{CHANGES}?since={bad}")).await.problem(400, "bad_query");
    }
    let future = format!("0{:019}{:016}", 1_000_000, 0);
    anna.get(&format!("{CHANGES}?since={future}")).await.problem(410, "too_old");
}
