//! What changed since a client last asked.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stream::Stream;

use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";
const CHANGES: &str = "/api/v1/tasks/changes";

fn since(answer: &Value) -> String {
    format!("{CHANGES}?since={}", answer["next"].as_str().unwrap())
}

fn gone(task: &Value) -> Value {
    json!({"id": task["id"], "deleted": true, "task": null})
}

fn there(task: &Value) -> Value {
    json!({"id": task["id"], "deleted": false, "task": task})
}

/// The answer, once it has this many changes in it: on servers a fact is numbered a moment after its commit.
async fn changes(of: &Person, path: &str, count: usize) -> Value {
    eventually(&format!("{count} changes are told"), async || {
        let answer = of.get(path).await.is(200);
        (answer["items"].as_array().map(Vec::len) == Some(count)).then_some(answer)
    })
    .await
}

async fn write(of: &Person, title: &str) -> Value {
    of.post(TASKS, json!({"title": title})).await.is(201)
}

/// Deletes facts that are old enough until this place is too old: each group has to pass them first.
pub async fn forgets(house: &House, of: &Person, place: &str) {
    let stream = Stream::new(house.databases().next().unwrap().clone(), Arc::new(house.clock.clone()));
    eventually("the place is too old", async || {
        stream.sweep().await.unwrap();
        (of.get(place).await.status == 410).then_some(())
    })
    .await;
}

/// Everything, a page at a time: the tasks of all pages, and what to ask with next.
async fn everything(of: &Person, mut path: String) -> (Vec<Value>, Value) {
    let mut items = Vec::new();
    loop {
        let answer = of.get(&path).await.is(200);
        items.extend(answer["items"].as_array().unwrap().iter().cloned());
        if answer["more"] == false {
            return (items, answer);
        }
        path = format!("{}&limit=2", since(&answer));
    }
}

on_every_engine! {
    async fn each_change_is_told_once_and_deletions_too(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let nothing = anna.get(CHANGES).await.is(200);
        assert_eq!((&nothing["items"], &nothing["more"]), (&json!([]), &json!(false)));
        let (milk, bread) = (write(&anna, "Milk").await, write(&anna, "Bread").await);
        let first = changes(&anna, &since(&nothing), 2).await;
        assert_eq!(first["items"], json!([there(&milk), there(&bread)]));
        assert_eq!(first["more"], false);
        assert_eq!(anna.get(&since(&first)).await.is(200)["items"], json!([]));
        assert_eq!(boris.get(CHANGES).await.is(200)["items"], json!([]));
        assert_eq!(boris.get(&since(&nothing)).await.is(200)["items"], json!([]), "a place shows nobody another's");

        let path = format!("{TASKS}/{}", milk["id"]);
        let done = anna.patch(&path, json!({"completed": true})).await.is(200);
        let second = changes(&anna, &since(&first), 1).await;
        assert_eq!(second["items"], json!([there(&done)]));
        anna.delete("/tasks").await.is(204);
        let third = changes(&anna, &since(&second), 2).await;
        let mut deleted = third["items"].as_array().unwrap().clone();
        deleted.sort_by_key(|item| item["id"].as_u64());
        assert_eq!(deleted, [gone(&milk), gone(&bread)]);
        anna.post(&format!("{path}/restore"), json!({})).await.is(200);
        let back = changes(&anna, &since(&third), 1).await;
        assert_eq!(back["items"][0]["task"]["version"], 4);
        let all = changes(&anna, &since(&first), 2).await;
        assert_eq!(all["items"], json!([gone(&bread), back["items"][0]]), "each once, as it is now");
        assert_eq!(all["next"], back["next"]);
    }

    async fn whoever_has_nothing_is_told_everything_and_what_happens_meanwhile(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let mut tasks = Vec::new();
        for number in 0..5 {
            tasks.push(write(&anna, &number.to_string()).await);
        }
        // All are numbered: the head that is noted next is behind them.
        changes(&anna, CHANGES, 5).await;
        eventually("all facts have their numbers", async || {
            let all = anna.get(&format!("{CHANGES}?since=0{:035}", 0)).await.is(200);
            (all["items"].as_array().unwrap().len() == 5).then_some(())
        })
        .await;
        let page = anna.get(&format!("{CHANGES}?limit=2")).await.is(200);
        assert_eq!(page["items"], json!([there(&tasks[4]), there(&tasks[3])]));
        assert_eq!(page["more"], true);

        // Between two pages one that was told of changes, one that was not goes, and one comes.
        let told = anna.patch(&format!("{TASKS}/{}", tasks[4]["id"]), json!({"title": "four"})).await.is(200);
        anna.delete(&format!("{TASKS}/{}", tasks[2]["id"])).await.is(204);
        let new = write(&anna, "5").await;
        let (mut rest, mut last) = everything(&anna, format!("{}&limit=2", since(&page))).await;
        while rest.len() < 5 {
            // On servers the last facts may not have had their numbers yet.
            let (more, end) = everything(&anna, since(&last)).await;
            (rest, last) = ([rest, more].concat(), end);
        }
        assert_eq!(rest, [there(&tasks[1]), there(&tasks[0]), there(&told), gone(&tasks[2]), there(&new)]);
        assert_eq!(last["more"], false);
        assert_eq!(anna.get(&since(&last)).await.is(200)["items"], json!([]));
    }

    async fn many_that_one_fact_tells_of_go_over_several_answers(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let place = anna.get(CHANGES).await.is(200);
        let mut ids = Vec::new();
        for number in 0..7 {
            ids.push(write(&anna, &number.to_string()).await["id"].clone());
        }
        let before = changes(&anna, &since(&place), 7).await;
        anna.delete("/tasks").await.is(204);
        changes(&anna, &since(&before), 7).await;
        let (items, last) = everything(&anna, format!("{}&limit=2", since(&before))).await;
        let mut deleted: Vec<Value> = items.iter().map(|item| item["id"].clone()).collect();
        deleted.sort_by_key(Value::as_u64);
        assert_eq!(deleted, ids);
        assert!(items.iter().all(|item| item["deleted"] == true), "{items:?}");
        assert_eq!(last["next"], changes(&anna, &since(&before), 7).await["next"]);
    }

    async fn whoever_was_away_too_long_starts_over(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let milk = write(&anna, "Milk").await;
        let old = changes(&anna, CHANGES, 1).await;
        anna.delete(&format!("{TASKS}/{}", milk["id"])).await.is(204);
        house.total_becomes("tasks", 0).await;

        house.pass(Duration::from_hours(8 * 24)).await;
        let anna = house.login(&anna.email).await;
        write(&anna, "Bread").await;
        house.total_becomes("tasks", 1).await;
        forgets(&house, &anna, &since(&old)).await;
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
    for bad in ["", "x", "7", "-1", "999999999999999999999999999999999999", "%00", "%ff"] {
        anna.get(&format!("{CHANGES}?since={bad}")).await.problem(400, "bad_query");
    }
    for bad in ["limit=0", "limit=201", "limit=x", "cursor=1", "since=1&since=2"] {
        anna.get(&format!("{CHANGES}?{bad}")).await.problem(400, "bad_query");
    }
    let future = format!("0{:019}{:016}", 1_000_000, 0);
    anna.get(&format!("{CHANGES}?since={future}")).await.problem(410, "too_old");
    anna.post(CHANGES, json!({})).await.problem(405, "method_not_allowed");
}
