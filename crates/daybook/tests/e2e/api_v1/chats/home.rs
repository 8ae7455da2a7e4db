//! What is not read, on the home.

use serde_json::{Value, json};

use super::{group, people};
use crate::e2e::house::{House, Person};

on_every_engine! {
    async fn what_is_not_read_is_on_the_home(engine) {
        for house in [House::on(engine).await, House::apart(engine).await] {
            let [anna, ben, carl] = people(&house).await;
            let home = async |person: &Person| -> Value {
                // What others say may be late there by a moment.
                let fresh = person.with("cache-control", "no-cache");
                let section = fresh.get("/api/v1/home?include=messenger").await.is(200)["sections"]["messenger"].clone();
                assert_eq!(section["status"], "ok", "{section}");
                section["data"].clone()
            };
            assert_eq!(home(&anna).await, json!({"unread": 0, "chats": []}));
            let path = group(&anna, &[&ben]).await;
            for text in ["one", "two"] {
                ben.post(&format!("{path}/messages"), json!({"text": text})).await.is(201);
            }
            let said = carl.post("/send", json!({"pal_id": anna.id, "message": "Їжак"})).await.is(201);
            anna.post("/send", json!({"pal_id": ben.id, "message": "own"})).await.is(201);

            let shown = home(&anna).await;
            assert_eq!((&shown["unread"], shown["chats"].as_array().unwrap().len()), (&json!(3), 2), "{shown}");
            let newest = &shown["chats"][0];
            assert_eq!((&newest["kind"], &newest["pal_id"], &newest["title"]), (&json!("direct"), &json!(carl.id), &Value::Null));
            let last = &newest["last_message"];
            assert_eq!((&last["id"], &last["text"], &last["user_id"]), (&said["id"], &json!("Їжак"), &json!(carl.id)));
            let hike = &shown["chats"][1];
            assert_eq!((&hike["title"], &hike["unread"]), (&json!("Hike"), &json!(2)));
            assert_eq!(home(&ben).await["unread"], 1);
            assert_eq!(home(&carl).await["unread"], 0);
        }
    }
}
