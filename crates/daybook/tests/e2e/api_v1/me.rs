//! `/api/v1/me`.

use serde_json::json;

use crate::e2e::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn i_see_myself_and_nothing_secret() {
    let house = House::new().await;
    let new = json!({
        "email": "anna@example.org", "password": "correct horse battery", "name": " Анна ", "timezone": "europe/kyiv",
    });
    house.post("/signup", new).await.is(201);
    let anna = house.login("anna@example.org").await;
    let me = anna.get("/api/v1/me").await;
    let wanted = json!({
        "id": anna.id, "email": "anna@example.org", "phone_number": null, "username": null, "name": "Анна",
        "role": "user", "timezone": "Europe/Kyiv", "language": "en", "week_start": 1, "email_verified_at": null,
        "phone_verified_at": null, "version": 1, "created_at": "2026-11-21T09:30:00.000000Z",
    });
    assert_eq!(me.is(200), wanted);
    assert!(!me.text().contains("argon2") && !me.text().contains("password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_nobody() {
    let house = House::new().await;
    house.get("/api/v1/me").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_themselves_alone() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    assert_eq!(anna.get("/api/v1/me").await.is(200)["id"], anna.id);
    assert_eq!(boris.get("/api/v1/me").await.is(200)["id"], boris.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_themselves_by_another_method() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let refused = anna.post("/api/v1/me", json!({"role": "admin"})).await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET,HEAD,PATCH,DELETE");
}
