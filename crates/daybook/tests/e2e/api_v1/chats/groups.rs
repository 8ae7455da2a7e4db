//! Chats of many: how they are made and called.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{CHATS, UNKNOWN, group, member, people, roles};
use crate::e2e::house::House;

on_every_engine! {
    async fn a_group_is_there_for_all_who_are_in_it(engine) {
        let house = House::on(engine).await;
        let [anna, ben, carl, dora] = people(&house).await;
        let members = json!([carl.id, ben.id, ben.id, anna.id]);
        let made = anna.post(CHATS, json!({"title": " Похід ", "members": members})).await;
        let chat = made.is(201);
        assert_eq!((&chat["kind"], &chat["title"], &chat["role"]), (&json!("group"), &json!("Похід"), &json!("owner")));
        assert_eq!((&chat["pal_id"], &chat["version"], &chat["unread"]), (&Value::Null, &json!(1), &json!(0)));
        let path = format!("{CHATS}/{}", chat["id"]);
        assert_eq!(anna.get(&path).await.is(200), chat);
        assert_eq!(roles(&anna, &path).await.len(), 3);

        let said = carl.post(&format!("{path}/messages"), json!({"text": "Whither?"})).await.is(201);
        let seen = ben.get(&path).await.is(200);
        assert_eq!((&seen["role"], &seen["unread"]), (&json!("member"), &json!(1)));
        assert_eq!(seen["last_message"], said);
        assert_eq!(ben.get(CHATS).await.is(200)["items"], json!([seen]));

        dora.get(&path).await.problem(404, "chat_not_found");
        dora.get(&format!("{path}/messages")).await.problem(404, "chat_not_found");
        dora.post(&format!("{path}/messages"), json!({"text": "Hi"})).await.problem(404, "chat_not_found");
        assert_eq!(dora.get(CHATS).await.is(200)["items"], json!([]));
    }

    async fn a_group_that_is_sent_again_is_made_once(engine) {
        let house = House::on(engine).await;
        let [anna, ben] = people(&house).await;
        let (again, hike) = (anna.with("idempotency-key", "a"), json!({"title": "Hike", "members": [ben.id]}));
        let answers = join_all((0..8).map(|_| again.post(CHATS, hike.clone()))).await;
        let made: BTreeSet<u64> = answers.iter().map(|answer| answer.is(201)["id"].as_u64().unwrap()).collect();
        let anew = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count();
        assert_eq!((made.len(), anew), (1, 1));
        again.post(CHATS, json!({"title": "Walk", "members": [ben.id]})).await.problem(422, "idempotency_key_reused");
        assert_eq!(anna.get(CHATS).await.is(200)["items"].as_array().unwrap().len(), 1);

        let group = format!("{CHATS}/{}", made.first().unwrap());
        anna.delete(&member(&group, &anna)).await.is(204);
        again.post(CHATS, hike).await.problem(410, "made_and_gone");

        let pair = anna.with("idempotency-key", "b");
        let two = join_all((0..4).map(|_| pair.post(CHATS, json!({"user_id": ben.id})))).await;
        let two: BTreeSet<String> = two.iter().map(|answer| answer.is(200)["id"].to_string()).collect();
        assert_eq!(two.len(), 1);
    }

    async fn a_name_is_given_once_for_each_version(engine) {
        let house = House::on(engine).await;
        let [anna, ben] = people(&house).await;
        let path = group(&anna, &[&ben]).await;
        let tag = anna.get(&path).await.header("etag").to_owned();
        let names = (0..6).map(|number| {
            let client = anna.with("if-match", &tag);
            let path = &path;
            async move { client.patch(path, json!({"title": format!("{number}")})).await.status }
        });
        let mut statuses = join_all(names).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
        let chat = anna.get(&path).await.is(200);
        assert_eq!(chat["version"], 2);
        assert_eq!(ben.get(&path).await.is(200)["title"], chat["title"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_with_somebody_or_a_group_and_nothing_else() {
    let house = House::new().await;
    let [anna, ben] = people(&house).await;
    let before = house.rows().await;
    let refused = async |body: Value, wanted: &[(&str, &str)]| anna.post(CHATS, body).await.refuses(wanted);
    refused(json!({}), &[("user_id", "one_or_many")]).await;
    refused(json!({"user_id": ben.id, "title": "x"}), &[("user_id", "one_or_many")]).await;
    refused(json!({"user_id": ben.id, "members": []}), &[("user_id", "one_or_many")]).await;
    refused(json!({"members": [ben.id]}), &[("title", "required")]).await;
    refused(json!({"title": " ", "members": []}), &[("title", "required")]).await;
    refused(json!({"title": "x".repeat(201)}), &[("title", "too_long")]).await;
    refused(json!({"title": "a\nb"}), &[("title", "control_characters")]).await;
    refused(json!({"title": "x", "members": [7, ben.id]}), &[("members", "person_not_found")]).await;
    refused(json!({"title": "x", "members": ["7"]}), &[("members[0]", "wrong_type")]).await;
    refused(json!({"title": "x", "members": [0]}), &[("members[0]", "wrong_type")]).await;
    refused(json!({"title": "x", "owner": 7}), &[("owner", "unknown_field")]).await;
    let many: Vec<u64> = (1..=1_001).collect();
    refused(json!({"title": "", "members": many}), &[("title", "required"), ("members", "too_many")]).await;
    anna.post(CHATS, json!({"user_id": 7})).await.problem(404, "person_not_found");
    house.post(CHATS, json!({"title": "x"})).await.problem(401, "unauthenticated");
    assert_eq!(house.rows().await, before);
    anna.post(CHATS, json!({"title": "ї".repeat(200)})).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_of_all_that_a_member_sees() {
    let house = House::new().await;
    let [anna, ben] = people(&house).await;
    let path = group(&anna, &[&ben]).await;
    let tag = async || ben.get(&path).await.header("etag").to_owned();
    let first = tag().await;
    assert_eq!(ben.with("if-none-match", &first).get(&path).await.is(304), Value::Null);
    let hers = anna.get(&path).await.header("etag").to_owned();
    assert_ne!(first, hers, "she may more in it");

    anna.post(&format!("{path}/messages"), json!({"text": "Hi"})).await.is(201);
    let second = tag().await;
    assert_ne!(first, second);
    ben.with("if-none-match", &first).get(&path).await.is(200);
    // What is said in a chat is no change of the chat.
    let renamed = anna.with("if-match", &hers).patch(&path, json!({"title": "Walk"})).await;
    assert_eq!(renamed.is(200)["version"], 2);
    assert_eq!(renamed.header("etag"), anna.get(&path).await.header("etag"));
    assert_ne!(second, tag().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_name_a_group() {
    let house = House::new().await;
    let [anna, ben, carl] = people(&house).await;
    let path = group(&anna, &[&ben]).await;
    let name = json!({"title": "Walk"});
    ben.patch(&path, name.clone()).await.problem(403, "no_right_in_chat");
    carl.patch(&path, name.clone()).await.problem(404, "chat_not_found");
    house.patch(&path, name.clone()).await.problem(401, "unauthenticated");
    anna.patch(UNKNOWN, name.clone()).await.problem(404, "chat_not_found");
    anna.patch(&format!("{CHATS}/x"), name.clone()).await.problem(400, "bad_id");
    anna.patch(&path, json!({"title": ""})).await.refuses(&[("title", "required")]);
    anna.patch(&path, json!({})).await.refuses(&[("title", "required")]);
    anna.patch(&path, json!({"title": "x", "kind": "direct"})).await.refuses(&[("kind", "unknown_field")]);
    let two = anna.post(CHATS, json!({"user_id": ben.id})).await.is(200);
    let direct = anna.patch(&format!("{CHATS}/{}", two["id"]), name.clone()).await;
    direct.problem(409, "not_a_group");

    let walk = anna.patch(&path, name.clone()).await.is(200);
    assert_eq!((&walk["title"], &walk["version"]), (&json!("Walk"), &json!(2)));
    assert_eq!(anna.patch(&path, name.clone()).await.is(200), walk, "the same twice changes once");
    anna.send("PUT", &member(&path, &ben), "application/json", r#"{"role": "admin"}"#).await.is(200);
    assert_eq!(ben.patch(&path, json!({"title": "Swim"})).await.is(200)["version"], 4);
    anna.with("if-match", "\"2\"").patch(&path, name).await.problem(412, "precondition_failed");
}
