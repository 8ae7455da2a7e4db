//! `/api/v1/messages`, and what is said in chats.

use serde_json::{Value, json};

use crate::e2e::client::Client;
use crate::e2e::house::{House, Person};

/// The chat of these two.
async fn chat(one: &Person, other: &Person) -> String {
    let chat = one.post("/api/v1/chats", json!({"user_id": other.id})).await.is(200);
    format!("/api/v1/chats/{}", chat["id"])
}

async fn say(who: &Client, chat: &str, text: &str) -> Value {
    who.post(&format!("{chat}/messages"), json!({"text": text})).await.is(201)
}

async fn unread(who: &Client, chat: &str) -> (i64, i64) {
    let chat = who.get(chat).await.is(200);
    (chat["read_seq"].as_i64().unwrap(), chat["unread"].as_i64().unwrap())
}

fn path(message: &Value) -> String {
    format!("/api/v1/messages/{}", message["id"])
}

on_every_engine! {
    async fn what_is_unread_is_always_the_truth(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        let mut said = Vec::new();
        for (who, text) in [(&anna, "1"), (&ben, "2"), (&anna, "3"), (&anna, "4"), (&ben, "5")] {
            said.push(say(who, &chat, text).await);
        }
        let places: Vec<i64> = said.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
        assert_eq!(places, [1, 2, 3, 4, 5]);
        assert_eq!((unread(&anna, &chat).await, unread(&ben, &chat).await), ((0, 2), (0, 3)));

        ben.put(&format!("{chat}/read"), json!({"seq": 3})).await.is(200);
        assert_eq!(unread(&ben, &chat).await, (3, 1));
        // What was read stays read.
        ben.put(&format!("{chat}/read"), json!({"seq": 1})).await.is(200);
        assert_eq!(unread(&ben, &chat).await, (3, 1));

        // What is gone is not unread: deleted by who wrote it, hidden by who would read it, or both.
        anna.delete(&path(&said[3])).await.is(204);
        assert_eq!(unread(&ben, &chat).await, (3, 0));
        let more = say(&anna, &chat, "6").await;
        assert_eq!(unread(&ben, &chat).await, (3, 1));
        ben.delete(&format!("{}?for=me", path(&more))).await.is(204);
        assert_eq!(unread(&ben, &chat).await, (3, 0));
        anna.delete(&path(&more)).await.is(204);
        assert_eq!(unread(&ben, &chat).await, (3, 0));

        anna.put(&format!("{chat}/read"), json!({})).await.is(200);
        assert_eq!(unread(&anna, &chat).await, (6, 0));
        ben.put(&format!("{chat}/read"), json!({"seq": 99})).await.is(200);
        assert_eq!(unread(&ben, &chat).await, (6, 0));
        say(&ben, &chat, "7").await;
        assert_eq!((unread(&anna, &chat).await, unread(&ben, &chat).await), ((6, 1), (6, 0)));
    }

    async fn a_message_is_edited_and_what_it_said_is_kept(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        let message = path(&say(&anna, &chat, "Helo").await);
        let edited = anna.patch(&message, json!({"text": "Hello"})).await.is(200);
        assert_eq!((&edited["text"], &edited["version"]), (&json!("Hello"), &json!(2)));
        anna.with("if-match", "\"1\"").patch(&message, json!({"text": "Hi"})).await.problem(412, "precondition_failed");
        anna.with("if-match", "\"2\"").patch(&message, json!({"text": "Hello!"})).await.is(200);
        let history = ben.get(&format!("{message}/history")).await.is(200);
        let said: Vec<&str> = history["items"].as_array().unwrap().iter().map(|e| e["text"].as_str().unwrap()).collect();
        assert_eq!(said, ["Helo", "Hello"]);
        ben.patch(&message, json!({"text": "Bye"})).await.problem(403, "not_your_message");

        anna.delete(&message).await.is(204);
        anna.delete(&message).await.is(204);
        let gone = ben.get(&message).await.is(200);
        assert_eq!((&gone["text"], gone["deleted_at"].is_string()), (&json!(null), true));
        assert_eq!(ben.get(&format!("{message}/history")).await.is(200)["items"], json!([]));
        anna.patch(&message, json!({"text": "Still here"})).await.problem(409, "message_deleted");
        // It keeps its place: for the older clients too an offset is a number of places.
        say(&anna, &chat, "Next").await;
        let plain = ben.get(&format!("/chat?pal_id={}&offset=1", anna.id)).await.is(200);
        assert_eq!((plain.as_array().unwrap().len(), &plain[0]["message"]), (1, &json!("")));
    }

    async fn a_message_sent_again_with_its_key_is_the_same(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        let messages = format!("{chat}/messages");
        let sending = (0..20).map(|_| anna.post(&messages, json!({"text": "Once", "client_key": "a-1"})));
        let sent = futures_util::future::join_all(sending).await;
        let ids: Vec<Value> = sent.into_iter().map(|answer| answer.is(201)["id"].clone()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        anna.post(&messages, json!({"text": "Twice", "client_key": "a-1"})).await.problem(409, "client_key_reused");
        ben.post(&messages, json!({"text": "Mine", "client_key": "a-1"})).await.is(201);
        let all = anna.get(&messages).await.is(200);
        let said: Vec<&str> = all["items"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(said, ["Mine", "Once"]);
    }

    async fn places_have_no_gap_however_many_write_at_once(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let chat = chat(&anna, &ben).await;
        let saying = (0..60).map(|n| {
            let (who, chat) = (if n % 2 == 0 { &anna } else { &ben }, &chat);
            async move { say(who, chat, &n.to_string()).await["seq"].as_i64().unwrap() }
        });
        let mut places = futures_util::future::join_all(saying).await;
        places.sort_unstable();
        assert_eq!(places, (1..=60).collect::<Vec<_>>());
        let page = anna.get(&format!("{chat}/messages?limit=40")).await.is(200);
        let places = |page: &Value| -> Vec<i64> {
            page["items"].as_array().unwrap().iter().map(|m| m["seq"].as_i64().unwrap()).collect()
        };
        assert_eq!(places(&page), (21..=60).rev().collect::<Vec<_>>());
        let next = anna.get(&format!("{chat}/messages?cursor={}", page["next"].as_str().unwrap())).await.is(200);
        assert_eq!((places(&next), &next["next"]), ((1..=20).rev().collect(), &json!(null)));
        let after = anna.get(&format!("{chat}/messages?after=58")).await.is(200);
        assert_eq!(places(&after), [60, 59]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_sees_and_does_nothing() {
    let house = House::new().await;
    let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
    let chat = chat(&anna, &ben).await;
    let message = path(&say(&anna, &chat, "Between us").await);
    let messages = format!("{chat}/messages");
    for path in [&chat, &messages] {
        carl.get(path).await.problem(404, "chat_not_found");
        house.get(path).await.problem(401, "unauthenticated");
    }
    carl.post(&messages, json!({"text": "Me too"})).await.problem(404, "chat_not_found");
    carl.put(&format!("{chat}/read"), json!({})).await.problem(404, "chat_not_found");
    carl.get(&message).await.problem(404, "message_not_found");
    carl.get(&format!("{message}/history")).await.problem(404, "message_not_found");
    carl.patch(&message, json!({"text": "Mine"})).await.problem(404, "message_not_found");
    for whom in ["all", "me"] {
        carl.delete(&format!("{message}?for={whom}")).await.problem(404, "message_not_found");
    }
    ben.delete(&message).await.problem(403, "not_your_message");
    ben.delete(&format!("{message}?for=us")).await.problem(400, "bad_query");
    assert_eq!(anna.get(&message).await.is(200)["text"], "Between us");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_reads_differently_for_one() {
    let house = House::new().await;
    let (anna, ben) = (house.user("anna").await, house.user("ben").await);
    let chat = chat(&anna, &ben).await;
    let message = path(&say(&anna, &chat, "Oops").await);
    ben.with("if-none-match", "\"1\"").get(&message).await.is(304);
    for _ in 0..2 {
        ben.delete(&format!("{message}?for=me")).await.is(204);
    }
    assert_eq!(ben.with("if-none-match", "\"1\"").get(&message).await.is(200)["text"], json!(null));
    assert_eq!(anna.get(&message).await.is(200)["text"], "Oops");
    let last = |who: &Value| who["items"][0]["last_message"]["text"].clone();
    assert_eq!(last(&ben.get("/api/v1/chats").await.is(200)), json!(null));
    assert_eq!(last(&anna.get("/api/v1/chats").await.is(200)), "Oops");
}
