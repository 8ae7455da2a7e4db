//! Document 4, the messenger.

use serde_json::json;

use crate::e2e::house::{House, PASSWORD};

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
