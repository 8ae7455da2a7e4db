//! Providers' words about people who are about to be deleted, and about those who are gone.

use std::time::Duration;

use db::{Batch, sql};
use serde_json::{Value, json};
use testkit::Engine;
use testkit::providers::{Brand, Person};
use types::Clock;

use super::super::client::Client;
use super::super::house::{House, PASSWORD};
use super::Stage;
use super::browser::Browser;

/// How long whoever left can come back.
const GRACE: Duration = Duration::from_hours(30 * 24);

async fn leave(client: &Client) {
    let body = json!({"password": PASSWORD}).to_string();
    client.send("DELETE", "/api/v1/me", "application/json", body).await.is(200);
}

/// Somebody with this provider linked, who has left.
async fn leaver(stage: &Stage) -> Value {
    let anna = stage.house.user("anna").await;
    let mut browser = stage.browser();
    browser.sign_in(&anna.email).await;
    Browser::ends_at(&browser.dances("/auth/oauth/google?link=true").await, "/app/");
    leave(&anna).await;
    browser.is_nobody().await;
    json!(anna.id)
}

/// As if whoever left had done so when there was still no way back by now.
async fn leaves_earlier(house: &House) {
    let then = house.clock.now().minus(GRACE);
    let gone = sql!("update users set deleted_at = ? where deleted_at is not null", then);
    let due = sql!("update leavers set left_at = ?", then);
    house.databases().next().unwrap().write(Batch::of_one(gone).one(due)).await.unwrap();
}

on_every_engine! {
    async fn whoever_leaves_comes_back_by_signing_in_with_a_provider(engine) {
        let stage = Stage::on(engine, &[Brand::Google]).await;
        let anna = leaver(&stage).await;
        let mut browser = stage.browser();
        Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
        assert_eq!(browser.me().await["id"], anna);
        // They stay: their password is good again, and nothing removes them later.
        assert_eq!(stage.house.login("anna@example.org").await.id, anna);
    }

    async fn whoever_is_too_late_finds_a_new_account(engine) {
        let stage = Stage::on(engine, &[Brand::Google]).await;
        let anna = leaver(&stage).await;
        leaves_earlier(&stage.house).await;
        let mut browser = stage.browser();
        Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
        let me = browser.me().await;
        assert_ne!(me["id"], anna);
        assert_eq!((&me["email"], browser.logins().await), (&json!("anna@example.org"), vec!["google".to_owned()]));
    }

    async fn a_leavers_address_that_nobody_proved_goes_with_the_account_to_whoever_proves_it(engine) {
        let stage = Stage::on(engine, &[Brand::Google]).await;
        let anna = stage.house.user("anna").await;
        anna.post("/api/v1/tasks", json!({"title": "buy milk"})).await.is(201);
        leave(&anna).await;
        let mut browser = stage.browser();
        Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
        assert_eq!(browser.me().await["id"], anna.id);
        assert_eq!(browser.get("/api/v1/tasks").await.is(200)["items"].as_array().unwrap().len(), 1);
    }
}

/// The provider's word does not end what only the owner can: they hear that they have an account, and come back to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_leavers_address_that_was_proved_is_theirs_while_they_can_come_back() {
    let stage = Stage::on(Engine::Embedded, &[Brand::Google]).await;
    let mut first = stage.browser();
    Browser::ends_at(&first.dances("/auth/oauth/google").await, "/app/");
    let anna = first.me().await["id"].clone();
    let db = stage.house.databases().next().unwrap();
    let now = stage.house.clock.now();
    let (left, due) = (
        sql!("update users set deleted_at = ?", now),
        sql!("insert into leavers (user_id, left_at) select id, ? from users", now),
    );
    db.write(Batch::of_one(left).one(due)).await.unwrap();
    stage.provider().has(Person::proved("another", "anna@example.org"));
    let end = stage.browser().dances("/auth/oauth/google").await;
    Browser::ends_at(&end, "/app/?error=oauth_account_exists");
    leaves_earlier(&stage.house).await;
    let mut browser = stage.browser();
    Browser::ends_at(&browser.dances("/auth/oauth/google").await, "/app/");
    assert_ne!(browser.me().await["id"], anna);
}
