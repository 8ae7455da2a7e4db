//! People whom somebody does not want to hear of.

use serde_json::{Value, json};

use super::{CHATS, group, member, people};
use crate::e2e::client::Answer;
use crate::e2e::house::{House, Person};

const BLOCKS: &str = "/api/v1/blocks";

async fn block(by: &Person, whom: &Person) -> Answer {
    by.send("PUT", &format!("{BLOCKS}/{}", whom.id), "", "").await
}

async fn unblock(by: &Person, whom: &Person) -> Answer {
    by.delete(&format!("{BLOCKS}/{}", whom.id)).await
}

on_every_engine! {
    async fn between_two_of_whom_one_blocks_the_other_nothing_is_said(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl] = people(&house).await;
        let two = format!("{CHATS}/{}", anna.post(CHATS, json!({"user_id": ben.id})).await.is(200)["id"]);
        ben.post(&format!("{two}/messages"), json!({"text": "Hi"})).await.is(201);
        for _ in 0..2 {
            assert_eq!(block(&anna, &ben).await.is(204), Value::Null, "twice is once");
        }
        for (person, pal) in [(&anna, &ben), (&ben, &anna)] {
            let send = json!({"pal_id": pal.id, "message": "x"});
            person.post("/send", send).await.problem(403, "blocked");
            person.post(&format!("{two}/messages"), json!({"text": "x"})).await.problem(403, "blocked");
            person.post(CHATS, json!({"user_id": pal.id})).await.problem(403, "blocked");
            assert_eq!(person.get(&two).await.is(200)["last_seq"], 1, "what was said stays");
        }
        // Also where they never spoke.
        block(&carl, &ben).await.is(204);
        ben.post("/send", json!({"pal_id": carl.id, "message": "x"})).await.problem(403, "blocked");
        ben.post(CHATS, json!({"user_id": carl.id})).await.problem(403, "blocked");
        carl.post("/send", json!({"pal_id": ben.id, "message": "x"})).await.problem(403, "blocked");
        anna.post("/send", json!({"pal_id": carl.id, "message": "x"})).await.is(201);

        for _ in 0..2 {
            unblock(&anna, &ben).await.is(204);
        }
        ben.post(&format!("{two}/messages"), json!({"text": "Hi again"})).await.is(201);
    }

    async fn whom_one_blocks_adds_one_to_no_group(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl] = people(&house).await;
        block(&anna, &ben).await.is(204);
        let with = json!({"title": "Hike", "members": [carl.id, anna.id]});
        ben.post(CHATS, with).await.problem(403, "blocked");
        assert_eq!(carl.get(CHATS).await.is(200)["items"], json!([]), "nobody is in it");
        let path = group(&ben, &[&carl]).await;
        ben.send("PUT", &member(&path, &anna), "application/json", "{}").await.problem(403, "blocked");
        let admin = r#"{"role": "admin"}"#;
        ben.send("PUT", &member(&path, &carl), "application/json", admin).await.is(200);
        carl.send("PUT", &member(&path, &anna), "application/json", "{}").await.is(201);
        // In it both may speak: others are there to hear.
        anna.post(&format!("{path}/messages"), json!({"text": "Hi"})).await.is(201);
        ben.post(&format!("{path}/messages"), json!({"text": "Hi"})).await.is(201);
        // One may add whom one blocks oneself.
        group(&anna, &[&ben]).await;
    }

    async fn one_sees_whom_one_blocks_and_nobody_else_does(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl, dora] = people(&house).await;
        for whom in [&dora, &ben, &carl] {
            block(&anna, whom).await.is(204);
        }
        let ids = |page: &Value| -> Vec<u64> {
            page["items"].as_array().unwrap().iter().map(|blocked| blocked["user_id"].as_u64().unwrap()).collect()
        };
        let first = anna.get(&format!("{BLOCKS}?limit=2")).await.is(200);
        assert_eq!(ids(&first), [ben.id, carl.id]);
        assert!(first["items"][0]["created_at"].is_string());
        let next = format!("{BLOCKS}?limit=2&cursor={}", first["next"].as_str().unwrap());
        let second = anna.get(&next).await.is(200);
        assert_eq!((ids(&second), &second["next"]), (vec![dora.id], &Value::Null));
        assert_eq!(ben.get(BLOCKS).await.is(200), json!({"items": [], "next": null}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_blocked_and_by_whom() {
    let house = House::new().await;
    let [anna, ben] = people(&house).await;
    block(&anna, &anna).await.refuses(&[("user_id", "oneself")]);
    for (method, path, status, code) in [
        ("PUT", "/api/v1/blocks/7", 404, "person_not_found"),
        ("PUT", "/api/v1/blocks/x", 400, "bad_id"),
        ("DELETE", "/api/v1/blocks/0", 400, "bad_id"),
        ("GET", "/api/v1/blocks?limit=0", 400, "bad_query"),
    ] {
        anna.send(method, path, "", "").await.problem(status, code);
    }
    anna.delete("/api/v1/blocks/7").await.is(204);
    let path = format!("{BLOCKS}/{}", ben.id);
    for (method, path) in [("PUT", path.as_str()), ("DELETE", &path), ("GET", BLOCKS)] {
        house.send(method, path, "", "").await.problem(401, "unauthenticated");
    }
    assert_eq!(anna.get(BLOCKS).await.is(200)["items"], json!([]));
}
