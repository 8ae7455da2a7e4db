//! Document 3, the BFF: registering and passwords. Codes are tried where they are made.

use serde_json::json;

use crate::e2e::house::{House, PASSWORD};

const NEW: &str = "another horse battery";
const ROOMS: [&str; 2] = ["/auth", "/api/auth"];

on_every_engine! {
    async fn registering_by_an_address_or_a_number_in_either_room(engine) {
        let house = House::on(engine).await;
        for (room, field, said, kept) in [
            ("/auth", "email", "Anna@Example.org", "anna@example.org"),
            ("/auth", "phone_number", "+380 (44) 123-45-67", "+380441234567"),
            ("/api/auth", "email", "boris@example.org", "boris@example.org"),
            ("/api/auth", "phone_number", "00380441234568", "+380441234568"),
        ] {
            let new = json!({field: said, "password": PASSWORD, "name": "Анна", "code": "", "confirm_type": field});
            let made = house.post(&format!("{room}/register"), new.clone()).await.is(201);
            assert_eq!((&made[field], &made["id"]), (&json!(kept), &made["user_id"]));
            let taken = if field == "email" { "email_taken" } else { "phone_taken" };
            house.post(&format!("{room}/register"), new).await.problem(409, taken);
            let login = json!({field: said, "password": PASSWORD});
            let welcome = house.post(&format!("{room}/login"), login).await.is(200);
            assert_eq!((&welcome["id"], &welcome["name"]), (&made["id"], &json!("Анна")));
        }
        house.total_becomes("users", 4).await;
    }

    async fn updating_a_password(engine) {
        let house = House::on(engine).await;
        let (anna, other) = (house.user("anna").await, house.login("anna@example.org").await);
        let update = async |old: &str, new: &str| {
            let body = json!({"user_id": anna.id, "old_password": old, "new_password": new});
            anna.post("/auth/update-password", body).await
        };
        update("wrong", NEW).await.refuses(&[("old_password", "wrong_password")]);
        update(PASSWORD, "short").await.refuses(&[("new_password", "too_short")]);
        other.get("/api/v1/me").await.is(200);

        update(PASSWORD, NEW).await.is(200);
        anna.get("/api/v1/me").await.is(200);
        other.get("/api/v1/me").await.problem(401, "session_ended");
        let login = |password| house.post("/login", json!({"email": "anna@example.org", "password": password}));
        login(PASSWORD).await.problem(401, "wrong_credentials");
        login(NEW).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_updates_the_password_of_another() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    for room in ROOMS {
        let body = json!({"user_id": anna.id, "old_password": PASSWORD, "new_password": NEW});
        let path = format!("{room}/update-password");
        boris.post(&path, body.clone()).await.problem(403, "forbidden");
        house.post(&path, body).await.problem(401, "unauthenticated");
    }
    house.login("anna@example.org").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_clients_may_choose_a_common_password_and_no_short_one() {
    let house = House::new().await;
    let register =
        |password| house.post("/auth/register", json!({"email": "anna@example.org", "password": password}));
    register("1234567").await.refuses(&[("password", "too_short")]);
    register("password1").await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_gets_no_code() {
    let house = House::new().await;
    for room in ROOMS {
        let reset = async |body| house.post(&format!("{room}/reset-password"), body).await;
        reset(json!({"reason": "forgotten"})).await.refuses(&[("email", "required")]);
        reset(json!({"email": "anna"})).await.refuses(&[("email", "bad_email")]);
        reset(json!({"phone_number": "123"})).await.refuses(&[("phone_number", "bad_phone")]);
        let confirm = async |body| house.post(&format!("{room}/confirm-reset-password"), body).await;
        confirm(json!({"email": "anna@example.org", "code": "123456", "new_password": "short"}))
            .await
            .refuses(&[("new_password", "too_short")]);
        confirm(json!({"email": "anna@example.org", "new_password": NEW}))
            .await
            .refuses(&[("code", "required")]);
    }
}
