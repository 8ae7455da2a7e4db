//! Jobs of the kind `report`: files of one's own data.

use serde_json::{Value, json};

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const JOBS: &str = "/api/v1/jobs";

async fn put(client: &Client, more: Value) -> Value {
    let mut job = json!({"kind": "report"});
    job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post(JOBS, job).await.is(202)["id"].clone()
}

fn file(id: &Value) -> String {
    format!("{JOBS}/{id}/result")
}

async fn done(client: &Client, id: &Value) {
    eventually("the report is made", async || {
        let job = client.get(&format!("{JOBS}/{id}")).await.is(200);
        (job["state"] == "done").then_some(())
    })
    .await;
}

on_every_engine! {
    async fn ten_thousand_tasks_are_a_file_for_their_owner(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        anna.post("/api/v1/tasks", json!({"title": "=1+1", "note": "two\n\"lines\", ї", "labels": ["a", "b"]})).await.is(201);
        for part in 0..10 {
            let items: Vec<Value> = (0..1_000).map(|n| json!({"title": format!("task {}", part * 1_000 + n)})).collect();
            anna.post("/api/v1/tasks/bulk", json!({"items": items})).await.is(200);
        }
        let id = put(&anna, json!({"payload": {"of": "tasks"}})).await;
        done(&anna, &id).await;
        let answer = anna.get(&file(&id)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\"tasks-20"));
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        let text = answer.text();
        let rows: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert_eq!(rows.len(), 10_002);
        assert!(rows[0].starts_with("id,title,note,completed,priority,"), "{}", rows[0]);
        assert!(rows[1].contains(",task 9999,,false,0,"), "{}", rows[1]);
        assert!(rows[10_001].contains(",'=1+1,\"two\n\"\"lines\"\", ї\",false,0,,,,\"a, b\","), "{}", rows[10_001]);
        let titles: std::collections::BTreeSet<&str> = rows[1..10_001].iter().map(|row| row.split(',').nth(1).unwrap()).collect();
        assert_eq!(titles.len(), 10_000, "each once");
        boris.get(&file(&id)).await.problem(404, "no_result");
        house.get(&file(&id)).await.problem(401, "unauthenticated");

        let jobs = put(&anna, json!({"payload": {"of": "jobs", "format": "csv"}})).await;
        done(&anna, &jobs).await;
        let text = anna.get(&file(&jobs)).await.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains(&format!("{id},report,,done,normal,\"{{\"\"of\"\":\"\"tasks\"\"}}\",")), "{text}");
        assert!(text.contains("\"\"rows\"\":10001"), "what came of it is there too: {text}");
    }

    async fn a_file_is_there_when_it_is_made_and_nothing_else_is_one(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let later = put(&anna, json!({"payload": {"of": "jobs"}, "delay": 3_600})).await;
        anna.get(&file(&later)).await.problem(409, "result_not_ready");
        let other = anna.post(JOBS, json!({"kind": "external"})).await.is(202)["id"].clone();
        anna.get(&file(&other)).await.problem(404, "no_result");
        anna.get(&file(&json!(17))).await.problem(404, "no_result");
        anna.get("/api/v1/jobs/x/result").await.problem(400, "bad_id");
        let order = |payload: Value| anna.post(JOBS, json!({"kind": "report", "payload": payload}));
        order(json!({"of": "secrets"})).await.refuses(&[("payload.of", "no_such_report")]);
        order(json!({"of": "tasks", "format": "pdf"})).await.refuses(&[("payload.format", "no_such_format")]);
        order(json!({"off": 1})).await.refuses(&[("payload.off", "unknown_field"), ("payload.of", "required")]);
    }
}
