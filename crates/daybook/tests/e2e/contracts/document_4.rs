//! Document 4, the messenger.

use std::time::Duration;

use serde_json::{Value, json};
use types::Clock;

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::{House, PASSWORD, Person};

on_every_engine! {
    async fn registering_by_name(engine) {
        let house = House::on(engine).await;
        let made = house.post("/register", json!({"user": "Anna", "pass": PASSWORD})).await.is(201);
        assert_eq!((&made["username"], &made["id"]), (&json!("anna"), &made["user_id"]));
        for taken in [json!({"user": "anna", "pass": PASSWORD}), json!({"username": "ANNA", "password": PASSWORD})] {
            house.post("/register", taken).await.problem(409, "username_taken");
        }
        let welcome = house.post("/auth", json!({"user": "ANNA", "pass": PASSWORD})).await.is(200);
        assert_eq!(welcome["id"], made["id"]);
        house.total_becomes("users", 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_looks_like_something_else_is_taken_for_that() {
    let house = House::new().await;
    let register = |user: &str| house.post("/register", json!({"user": user, "pass": PASSWORD}));
    assert_eq!(register("Anna@Example.org").await.is(201)["email"], "anna@example.org");
    assert_eq!(register("+380 44 123 45 67").await.is(201)["phone_number"], "+380441234567");
    for (user, field, code) in [
        ("", "email", "required"),
        ("anna maria", "username", "bad_username"),
        ("anna@", "email", "bad_email"),
        ("12345678", "phone_number", "bad_phone"),
        ("an\u{200b}na", "username", "bad_username"),
    ] {
        register(user).await.refuses(&[(field, code)]);
    }
}

on_every_engine! {
    async fn a_conversation(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        assert_eq!(anna.get(&format!("/chat?pal_id={}", ben.id)).await.is(200), json!([]));

        for text in ["Hi", "How are you?"] {
            let sent = anna.post("/send", json!({"pal_id": ben.id, "message": text})).await.is(201);
            assert_eq!((&sent["pal_id"], &sent["user_id"]), (&json!(ben.id), &json!(anna.id)));
            assert_eq!(sent["message"], text);
            assert!(sent["created_at"].as_u64().is_some_and(|at| at > 1_700_000_000), "{sent}");
        }
        ben.post("/send", json!({"pal_id": anna.id, "message": "Fine"})).await.is(201);

        let chat = ben.get(&format!("/chat?pal_id={}", anna.id)).await.is(200);
        let said = |chat: &serde_json::Value| -> Vec<String> {
            chat.as_array().unwrap().iter().map(|row| row["message"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(said(&chat), ["Fine", "How are you?", "Hi"]);
        assert_eq!((&chat[0]["user_id"], &chat[0]["pal_id"]), (&json!(ben.id), &json!(anna.id)));
        assert_eq!((&chat[1]["user_id"], &chat[1]["pal_id"]), (&json!(anna.id), &json!(ben.id)));
        let page = |offset, limit| format!("/chat?pal_id={}&offset={offset}&limit={limit}", anna.id);
        assert_eq!(said(&ben.get(&page(1, 1)).await.is(200)), ["How are you?"]);
        assert_eq!(said(&ben.get(&page(2, 200)).await.is(200)), ["Hi"]);
        assert_eq!(said(&ben.get(&page(3, 200)).await.is(200)), [""; 0]);

        for (user, pal) in [(&anna, &ben), (&ben, &anna)] {
            let chats = user.get("/chats").await.is(200);
            assert_eq!(chats.as_array().unwrap().len(), 1);
            assert_eq!(chats[0]["pal_id"], json!(pal.id));
            assert_eq!((&chats[0]["user_id"], &chats[0]["message"]), (&json!(ben.id), &json!("Fine")));
        }

        let carl = house.user("carl").await;
        assert_eq!(carl.get("/chats").await.is(200), json!([]));
        assert_eq!(carl.get(&format!("/chat?pal_id={}", anna.id)).await.is(200), json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent() {
    let house = House::new().await;
    let (anna, ben) = (house.user("anna").await, house.user("ben").await);
    let send = |body| anna.post("/send", body);
    send(json!({})).await.refuses(&[("pal_id", "required"), ("message", "required")]);
    send(json!({"pal_id": ben.id, "message": " \n"})).await.refuses(&[("message", "required")]);
    send(json!({"pal_id": ben.id, "message": "x".repeat(4_097)})).await.refuses(&[("message", "too_long")]);
    send(json!({"pal_id": ben.id, "message": "ї".repeat(4_096)})).await.is(201);
    send(json!({"pal_id": 7, "message": "Who are you?"})).await.problem(404, "person_not_found");
    send(json!({"pal_id": anna.id, "message": "Note to self"})).await.is(201);
    house.post("/send", json!({"pal_id": ben.id, "message": "Hi"})).await.problem(401, "unauthenticated");
}

/// What a count answers, once it is this.
async fn becomes(who: &Client, path: &str, wanted: Value) {
    eventually(&format!("{path} is {wanted}"), async || {
        (who.get(path).await.is(200) == wanted).then_some(())
    })
    .await;
}

on_every_engine! {
    async fn what_was_processed_is_counted(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let begun = house.clock.now().seconds();
        let send = async |from: &Person, to: &Person| {
            from.post("/send", json!({"pal_id": to.id, "message": "Hi"})).await.is(201)["created_at"].as_i64().unwrap()
        };
        for _ in 0..3 {
            assert_eq!(send(&anna, &ben).await, begun);
        }
        send(&ben, &ben).await;
        house.pass(Duration::from_secs(90_061)).await;
        let (anna, ben) = (house.login(&anna.email).await, house.login(&ben.email).await);
        let ended = send(&ben, &anna).await;
        assert_eq!(ended, begun + 90_061);

        let all = json!({"messages": 5, "since": 0, "to": ended});
        becomes(&anna, "/MessagesReceived", all.clone()).await;
        assert_eq!(ben.get("/MessagesReceived").await.is(200), all);
        let of = |who: &Person, messages: i64, since: i64, to: i64| {
            json!({"user_id": who.id, "messages": messages, "since": since, "to": to})
        };
        let range = |since: i64, to: i64| format!("?since={since}&to={to}");
        for (since, to, received, sent) in [
            (begun, begun, 4, 1),
            (begun, ended, 4, 2),
            (begun - 1, ended - 1, 4, 1),
            (begun + 1, ended, 0, 1),
            (begun + 1, ended - 1, 0, 0),
            (ended, begun, 0, 0),
            (0, begun - 1, 0, 0),
        ] {
            let by_user = ben.get(&format!("/MessagesReceivedByUser{}", range(since, to))).await.is(200);
            assert_eq!(by_user, of(&ben, received, since, to));
            let by_user = ben.get(&format!("/MessagesSentByUser{}", range(since, to))).await.is(200);
            assert_eq!(by_user, of(&ben, sent, since, to));
        }
        assert_eq!(anna.get("/MessagesSentByUser").await.is(200), of(&anna, 3, 0, ended));
        assert_eq!(anna.get("/MessagesReceivedByUser").await.is(200), of(&anna, 1, 0, ended));

        // What was received is not taken back with the message.
        let last = anna.get(&format!("/chat?pal_id={}&limit=1", ben.id)).await.is(200)[0]["id"].clone();
        ben.delete(&format!("/api/v1/messages/{last}")).await.is(204);
        assert_eq!(anna.get("/MessagesReceivedByUser").await.is(200), of(&anna, 1, 0, ended));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_that_cannot_be() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for path in ["/MessagesReceived", "/MessagesReceivedByUser", "/MessagesSentByUser"] {
        for query in ["since=-1", "to=soon", "since=1.5", "to=", "since=99999999999999999999"] {
            anna.get(&format!("{path}?{query}")).await.problem(400, "bad_query");
        }
        let answer = anna.get(&format!("{path}?to=18446744073709551615&other=1")).await.is(200);
        assert_eq!((&answer["messages"], &answer["to"]), (&json!(0), &json!(u64::MAX)));
        house.get(path).await.problem(401, "unauthenticated");
    }
}
