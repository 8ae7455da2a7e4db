//! `/api/v1/messages/statistics` and `/api/v1/messages/{id}/trail`.

use serde_json::{Value, json};

use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

on_every_engine! {
    async fn a_message_leaves_a_trail(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let sent = anna.post("/send", json!({"pal_id": ben.id, "message": "Hi"})).await.is(201);
        let path = format!("/api/v1/messages/{}/trail", sent["id"]);
        let trail = eventually("it is processed", async || {
            let trail = ben.get(&path).await.is(200);
            trail["processed"].is_string().then_some(trail)
        })
        .await;
        assert_eq!((&trail["id"], &trail["seq"]), (&sent["id"], &json!(1)));
        assert!(trail["stored"].is_string() && trail["published"].is_string(), "{trail}");
        assert_eq!((&trail["delivered"], &trail["read"]), (&json!([]), &json!([])));

        let chat = format!("/api/v1/chats/{}/read", trail["chat_id"]);
        anna.put(&chat, json!({})).await.is(200);
        ben.put(&chat, json!({})).await.is(200);
        let trail = anna.get(&path).await.is(200);
        assert_eq!(trail["read"][0]["user_id"], json!(ben.id));
        assert!(trail["read"][0]["at"].is_string(), "{trail}");
        assert_eq!(trail["delivered"], trail["read"], "what was read was delivered");
        assert_eq!(trail["read"].as_array().unwrap().len(), 1, "its writer is nobody whom it reaches");
    }

    async fn a_range_is_counted_however_it_is_written(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        for _ in 0..2 {
            anna.post("/send", json!({"pal_id": ben.id, "message": "Hi"})).await.is(201);
        }
        let statistics = async |of: &str, range: &str| -> Value {
            ben.get(&format!("/api/v1/messages/statistics?of={of}{range}")).await.is(200)
        };
        eventually("both are counted", async || {
            (statistics("all", "").await["messages"] == 2).then_some(())
        })
        .await;
        let received = statistics("received", "&since=2026-11-21T09:30:00Z&to=1795253400").await;
        let moment = "2026-11-21T09:30:00.000000Z";
        assert_eq!(received, json!({"of": "received", "messages": 2, "since": moment, "to": moment}));
        assert_eq!(statistics("received", "&since=2026-11-21T11:30:01%2B02:00").await["messages"], 0);
        assert_eq!(statistics("sent", "").await["messages"], 0);
        assert_eq!(ben.get("/api/v1/messages/statistics").await.is(200)["of"], "all");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked() {
    let house = House::new().await;
    let (anna, ben, carl) = (house.user("anna").await, house.user("ben").await, house.user("carl").await);
    let sent = anna.post("/send", json!({"pal_id": ben.id, "message": "Hi"})).await.is(201);
    let trail = format!("/api/v1/messages/{}/trail", sent["id"]);
    carl.get(&trail).await.problem(404, "message_not_found");
    house.get(&trail).await.problem(401, "unauthenticated");
    anna.get("/api/v1/messages/17/trail").await.problem(404, "message_not_found");
    anna.get("/api/v1/messages/x/trail").await.problem(400, "bad_id");
    for query in [
        "of=mine",
        "since=-1",
        "to=soon",
        "since=",
        "until=7",
        "to=253402300800",
        "since=1900-01-01T00:00:00Z",
    ] {
        anna.get(&format!("/api/v1/messages/statistics?{query}")).await.problem(400, "bad_query");
    }
    house.get("/api/v1/messages/statistics").await.problem(401, "unauthenticated");
}
