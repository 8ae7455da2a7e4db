//! Document 4, the messenger: registering.

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
