//! Jobs of the kind `report`: files of one's own data.

use std::time::Duration;

use db::{Batch, sql};
use serde_json::{Value, json};
use types::Clock;

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

/// Where a new chat of theirs is.
async fn chat(of: &Client, with: Value) -> String {
    let made = of.post("/api/v1/chats", with).await;
    assert!([200, 201].contains(&made.status), "{}", made.text());
    format!("/api/v1/chats/{}", made.json()["id"])
}

async fn say(who: &Client, chat: &str, text: &str) -> u64 {
    who.post(&format!("{chat}/messages"), json!({"text": text})).await.is(201)["id"].as_u64().unwrap()
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

    async fn messages_are_a_file_of_what_their_reader_may_see(engine) {
        let house = House::on(engine).await;
        let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
        ben.patch("/api/v1/me", json!({"name": "Бен, «Б»"})).await.is(200);
        carl.patch("/api/v1/me", json!({"username": "Carl"})).await.is(200);
        let direct = chat(&anna, json!({"user_id": ben.id})).await;
        let first = say(&anna, &direct, "=1+1").await;
        let mut others = Vec::new();
        for text in ["for all", "for me", "two\nlines"] {
            others.push(say(&ben, &direct, text).await);
        }
        ben.delete(&format!("/api/v1/messages/{}", others[0])).await.is(204);
        anna.delete(&format!("/api/v1/messages/{}?for=me", others[1])).await.is(204);
        ben.put(&format!("{direct}/read"), json!({"seq": 1})).await.is(200);
        house.clock.advance(Duration::from_secs(1));
        let text = json!({"text": "\"edited\""});
        let edited = ben.patch(&format!("/api/v1/messages/{}", others[2]), text).await.is(200)["edited_at"].clone();
        let hike = chat(&carl, json!({"title": "Hike", "members": [ben.id]})).await;
        say(&carl, &hike, "before her").await;
        carl.put(&format!("{hike}/members/{}", anna.id), json!({})).await.is(201);
        let seen = say(&carl, &hike, "with her").await;
        anna.put(&format!("{hike}/read"), json!({})).await.is(200);
        let unread = say(&anna, &hike, "nobody has read it").await;
        let left = chat(&carl, json!({"title": "Left", "members": [anna.id]})).await;
        say(&anna, &left, "left behind").await;
        anna.delete(&format!("{left}/members/{}", anna.id)).await.is(204);
        let theirs = chat(&ben, json!({"user_id": carl.id})).await;
        say(&ben, &theirs, "between them").await;
        let own = chat(&anna, json!({"user_id": anna.id})).await;
        let note = say(&anna, &own, "to herself").await;

        let id = put(&anna, json!({"payload": {"of": "messages"}})).await;
        done(&anna, &id).await;
        let now = house.clock.now();
        let (before, id_of) = (now.minus(Duration::from_secs(1)), |path: &str| path.rsplit('/').next().unwrap().to_owned());
        let (direct, hike, own, edited) = (id_of(&direct), id_of(&hike), id_of(&own), edited.as_str().unwrap());
        let wanted = [
            "id,chat_id,chat_kind,chat,author_id,author,sent_at,edited_at,read,text".to_owned(),
            format!("{first},{direct},direct,\"Бен, «Б»\",{},,{before},,true,'=1+1", anna.id),
            format!("{},{direct},direct,\"Бен, «Б»\",{},\"Бен, «Б»\",{before},{edited},false,\"\"\"edited\"\"\"", others[2], ben.id),
            format!("{seen},{hike},group,Hike,{},carl,{now},,true,with her", carl.id),
            format!("{unread},{hike},group,Hike,{},,{now},,false,nobody has read it", anna.id),
            format!("{note},{own},direct,,{},,{now},,true,to herself", anna.id),
            String::new(),
        ];
        assert_eq!(anna.get(&file(&id)).await.text().split("\r\n").collect::<Vec<_>>(), wanted);
        ben.get(&file(&id)).await.problem(404, "no_result");
    }

    async fn ten_thousand_messages_are_in_a_file_once_each(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let long = chat(&anna, json!({"user_id": ben.id})).await;
        let chat_id: i64 = long.rsplit('/').next().unwrap().parse().unwrap();
        let row = |seq: i64| vec![chat_id.into(), seq.into(), (1_000 + seq).into(), anna.id.cast_signed().into(), format!("text {seq}").into(), 1_i64.into(), 0_i64.into()];
        let rows = (1..=10_000).map(row).collect();
        let last = sql!("update chats set last_seq = 10000, last_id = 11000 where id = ?", chat_id);
        let written = Batch::of_one(last).bulk("insert into messages (chat_id, seq, id, user_id, text, version, created_at) values", rows);
        house.write_for("messenger", written).await;
        // More chats than are looked into for a page, and behind them one more message.
        for n in 0..110 {
            chat(&ben, json!({"title": format!("{n}"), "members": [anna.id]})).await;
        }
        let last = chat(&ben, json!({"title": "last", "members": [anna.id]})).await;
        say(&ben, &last, "the end").await;

        let id = put(&anna, json!({"payload": {"of": "messages"}})).await;
        done(&anna, &id).await;
        let text = anna.get(&file(&id)).await.text();
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 10_002);
        for (row, seq) in rows[1..=10_000].iter().zip(1..) {
            assert!(row.ends_with(&format!(",text {seq}")), "{row}");
        }
        assert!(rows[10_001].ends_with(",the end"), "{}", rows[10_001]);
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
