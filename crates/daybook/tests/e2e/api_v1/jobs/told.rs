//! What is told of a job: why it stands where it does, what has happened, and all of them at a glance.

use std::time::Duration;

use db::{Batch, sql};
use serde_json::{Value, json};

use super::{DEAD, DONE, JOBS, id, over, put, taken, waiting};
use crate::e2e::house::{House, Person};

pub async fn reasons(of: &Person, path: &str, language: &str) -> Vec<Value> {
    let explained = of.with("accept-language", language).get(&format!("{path}/explain")).await.is(200);
    explained["reasons"].as_array().unwrap().clone()
}

async fn codes(of: &Person, path: &str) -> Vec<String> {
    let reasons = reasons(of, path, "en").await;
    reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

on_every_engine! {
    async fn it_is_told_why_a_job_does_not_run(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let (first, path) = put(&anna, waiting()).await;
        assert_eq!(codes(&anna, &path).await, ["for_your_workers", "nobody_asks"]);
        let (_, second) = put(&anna, waiting()).await;
        let behind = reasons(&anna, &second, "en").await;
        assert_eq!(behind[2], json!({"code": "behind_others", "message": "Jobs before it: 1", "count": 1}));
        for (language, message) in
            [("uk", "Воно чекає, доки ваш виконавець візьме його з черги default"), ("ru", "Оно ждёт, пока ваш исполнитель возьмёт его из очереди default")]
        {
            assert_eq!(reasons(&anna, &second, language).await[0]["message"], message);
        }
        let (urgent, high) = put(&anna, json!({"kind": "external", "priority": "high"})).await;
        assert_eq!(codes(&anna, &high).await, ["for_your_workers", "nobody_asks"]);
        assert_eq!(reasons(&anna, &second, "en").await[2]["count"], 2);
        let (later, path) = put(&anna, json!({"kind": "external", "delay": 60})).await;
        let not_due = reasons(&anna, &path, "en").await;
        assert_eq!((&not_due[0]["code"], &not_due[0]["until"]), (&json!("not_due"), &later["run_at"]));

        taken(&house, &first).await;
        let path = format!("{JOBS}/{}", first["id"]);
        let at_work = reasons(&anna, &path, "en").await;
        assert_eq!((&at_work[0]["code"], at_work[0]["until"].is_string()), (&json!("at_work"), true));
        anna.post(&format!("{path}/cancel"), Value::Null).await.is(200);
        assert_eq!(codes(&anna, &path).await, ["letting_go"]);
        over(&house, &urgent, DEAD).await;
        assert_eq!(codes(&anna, &high).await, ["dead"]);
        let (done, path) = put(&anna, waiting()).await;
        over(&house, &done, DONE).await;
        assert_eq!(codes(&anna, &path).await, ["done"]);
        let (_, path) = put(&anna, waiting()).await;
        anna.post(&format!("{path}/cancel"), Value::Null).await.is(200);
        assert_eq!(codes(&anna, &path).await, ["called_off"]);
    }

    async fn what_happened_is_told_in_order_and_known_again(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let (job, path) = put(&anna, waiting()).await;
        house.clock.advance(Duration::from_secs(1));
        over(&house, &job, DEAD).await;
        house.clock.advance(Duration::from_secs(1));
        let answer = anna.get(&path).await;
        let whole = answer.is(200);
        let what: Vec<_> = whole["timeline"].as_array().unwrap().iter().map(|moment| moment["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["created", "started", "failed", "dead"]);
        assert_eq!((&whole["timeline"][2]["error"], &whole["timeline"][2]["attempt"]), (&json!("no"), &json!(1)));
        let known = anna.with("if-none-match", answer.header("etag"));
        assert_eq!(known.get(&path).await.status, 304);
        anna.post(&format!("{path}/retry"), Value::Null).await.is(200);
        assert_eq!(known.get(&path).await.is(200)["state"], "queued");
        taken(&house, &job).await;
        let report = sql!("update job_held set progress = '{\"percent\": 40}' where id = ?", id(&job));
        house.write_for("jobs", Batch::of_one(report)).await;
        let whole = anna.get(&path).await.is(200);
        assert_eq!((&whole["progress"], &whole["attempt"]), (&json!({"percent": 40}), &json!(2)));
        assert_eq!(whole["timeline"].as_array().unwrap().last().unwrap()["what"], "started");
    }

    async fn the_home_has_them_at_a_glance(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let summary = format!("{JOBS}/summary");
        let nothing = json!({"running": 0, "queued": 0, "scheduled": 0, "dead": 0, "newest": []});
        assert_eq!(anna.get(&summary).await.is(200), nothing);
        let many: Vec<Value> = (0..105).map(|_| waiting()).collect();
        let made = anna.post(JOBS, json!(many)).await.is(202);
        for (n, job) in made["items"].as_array().unwrap().iter().map(|item| &item["job"]).enumerate().take(3) {
            if n == 0 { taken(&house, job).await } else { over(&house, job, DEAD).await }
        }
        let (later, _) = put(&anna, json!({"kind": "external", "delay": 60})).await;
        let glance = anna.get(&summary).await.is(200);
        let counts = json!([glance["running"], glance["queued"], glance["scheduled"], glance["dead"]]);
        assert_eq!(counts, json!([1, 100, 1, 2]));
        assert_eq!((glance["newest"].as_array().unwrap().len(), &glance["newest"][0]["id"]), (5, &later["id"]));
        assert_eq!(anna.get("/api/v1/home?include=jobs").await.is(200)["sections"]["jobs"]["data"], glance);
        assert_eq!(boris.get(&summary).await.is(200), nothing);
    }
}
