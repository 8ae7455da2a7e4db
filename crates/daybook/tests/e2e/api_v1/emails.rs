//! Jobs of the kind `email`: letters.

use db::{Batch, sql};
use serde_json::{Value, json};
use testkit::Engine;

use crate::e2e::client::Client;
use crate::e2e::codes::{self, letters_to};
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const JOBS: &str = "/api/v1/jobs";

async fn put(client: &Client, payload: Value) -> Value {
    client.post(JOBS, json!({"kind": "email", "payload": payload})).await.is(202)["id"].clone()
}

async fn becomes(client: &Client, id: &Value, state: &str) -> Value {
    eventually(&format!("the job is {state}"), async || {
        let job = client.get(&format!("{JOBS}/{id}")).await.is(200);
        (job["state"] == state).then_some(job)
    })
    .await
}

on_every_engine! {
    async fn a_letter_goes_to_ones_own_proved_address(engine) {
        let (data, house) = codes::house(engine).await;
        let anna = house.user("anna").await;
        let letter = json!({"subject": "Milk", "text": "Buy some.\nToday."});
        let id = put(&anna, letter.clone()).await;
        let job = becomes(&anna, &id, "dead").await;
        assert_eq!(job["error"], "no e-mail address of theirs is verified");
        let prove = sql!("update users set email_verified_at = 1 where email = ?", anna.email.as_str());
        house.databases().next().unwrap().write(Batch::of_one(prove)).await.unwrap();
        let id = put(&anna, letter).await;
        becomes(&anna, &id, "done").await;
        let letters = letters_to(&data, &anna.email, 1).await;
        assert_eq!(letters[0], "To: anna@example.org\nSubject: Milk\n\nBuy some.\nToday.\n");
        anna.post(JOBS, json!({"kind": "email", "payload": {"to": "x@example.org", "subject": "a", "text": "b"}}))
            .await
            .refuses(&[("payload.to", "own_address_alone")]);
        anna.post(JOBS, json!({"kind": "email", "payload": {"subject": "a\nBcc: b@example.org", "text": " ", "cc": []}}))
            .await
            .refuses(&[("payload.cc", "unknown_field"), ("payload.subject", "control_characters"), ("payload.text", "required")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_written_to_where_that_is_allowed() {
    let data = tempfile::tempdir().unwrap();
    let set = [("DAYBOOK_DATA_DIR", data.path().to_str().unwrap()), ("DAYBOOK_WORK_EMAIL_TO", "anyone")];
    let house = House::with(Engine::Embedded, &set).await;
    let anna = house.user("anna").await;
    let id = put(&anna, json!({"to": "olha@example.org", "subject": "Hello", "text": "It is me."})).await;
    becomes(&anna, &id, "done").await;
    assert_eq!(letters_to(&data, "olha@example.org", 1).await.len(), 1);
    anna.post(JOBS, json!({"kind": "email", "payload": {"to": "a@b, c@d", "subject": "a", "text": "b"}}))
        .await
        .refuses(&[("payload.to", "bad_email")]);
}

/// Identity has a database of its own there, and nobody else knows people's addresses.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_in_which_nobody_brings_letters_says_so() {
    let house = House::apart(Engine::Embedded).await;
    let anna = house.user("anna").await;
    let letter = json!({"kind": "email", "payload": {"subject": "a", "text": "b"}});
    anna.post(JOBS, letter).await.refuses(&[("kind", "no_letters")]);
}
