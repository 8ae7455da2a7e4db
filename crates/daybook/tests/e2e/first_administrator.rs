//! `/api/v1/first-administrator`: by the link that an empty house shows, once.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;

use super::house::{House, PASSWORD};

const PATH: &str = "/api/v1/first-administrator";

fn founder(house: &House, name: &str) -> Value {
    json!({"token": house.invitation(), "email": format!("{name}@example.org"), "password": PASSWORD})
}

on_every_engine! {
    async fn whoever_opens_the_link_runs_the_house(engine) {
        let house = House::on(engine).await;
        // Whoever comes first has no right to anything.
        let eve = house.user("eve").await;
        eve.get(&format!("/api/v1/accounts/{}", eve.id + 1)).await.problem(403, "forbidden");

        let made = house.with("accept-language", "uk").post(PATH, founder(&house, "anna")).await.is(201);
        assert_eq!((&made["role"], &made["email"]), (&json!("admin"), &json!("anna@example.org")));
        assert!(made["language"] == "uk" && made["email_verified_at"].is_string(), "{made}");
        let anna = house.login("anna@example.org").await;
        anna.get(&format!("/api/v1/accounts/{}", eve.id)).await.is(200);
        for name in ["anna", "eve", "boris"] {
            house.post(PATH, founder(&house, name)).await.problem(403, "no_invitation");
        }
        // Neither a token nor a role helps whoever has no link.
        anna.post(PATH, founder(&house, "boris")).await.problem(403, "no_invitation");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_for_a_day() {
    let house = House::new().await;
    house.clock.advance(Duration::from_hours(24));
    house.post(PATH, founder(&house, "anna")).await.problem(403, "no_invitation");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_account_is_refused_and_the_link_stays_good() {
    let house = House::with(Engine::Memory, &[("DAYBOOK_CODES_REQUIRED", "always")]).await;
    let with = |more: Value| {
        let mut body = json!({"token": house.invitation(), "password": PASSWORD});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    house.post(PATH, with(json!({}))).await.refuses(&[("email", "required")]);
    let both = with(json!({"email": "anna", "username": "a b", "password": "password1"}));
    let fields = [("email", "bad_email"), ("username", "bad_username"), ("password", "common_password")];
    house.post(PATH, both).await.refuses(&fields);
    house.post(PATH, with(json!({"username": "anna", "role": "admin"}))).await.is(422);
    house
        .post(PATH, with(json!({"username": "anna", "token": "A".repeat(43)})))
        .await
        .problem(403, "no_invitation");
    house.post(PATH, with(json!({"username": "anna", "token": null}))).await.is(422);
    house.post_text(PATH, "{").await.is(400);
    house.get(PATH).await.is(405);
    // No code is asked for: whoever has the link sits at the machine.
    house.post(PATH, with(json!({"username": "anna"}))).await.is(201);
    house.post("/login", json!({"username": "anna", "password": PASSWORD})).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_runs_the_house() {
    let house = House::new().await;
    let names: Vec<String> = (0..6).map(|n| format!("anna{n}")).collect();
    let tries = names.iter().map(|name| house.post(PATH, founder(&house, name)));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403]);
}
