//! Document 5, the task queue: registering.

use serde_json::json;

use crate::e2e::house::{House, PASSWORD};

on_every_engine! {
    async fn registering_by_name_or_address(engine) {
        let house = House::on(engine).await;
        for (field, said) in [("username", "anna"), ("email", "boris@example.org")] {
            let new = json!({field: said, "password": PASSWORD, "role": "admin"});
            let made = house.post("/register", new).await.is(201);
            assert_eq!(made[field], said);
            let welcome = house.post("/login", json!({field: said, "password": PASSWORD})).await.is(200);
            assert_eq!((&welcome["id"], &welcome["role_name"]), (&made["id"], &json!("user")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_name_the_field() {
    let house = House::new().await;
    house.post("/register", json!({})).await.refuses(&[("email", "required"), ("password", "required")]);
    house
        .post("/register", json!({"username": "anna", "password": "short"}))
        .await
        .refuses(&[("password", "too_short")]);
    house.post("/register", json!({"username": 1})).await.refuses(&[("username", "wrong_type")]);
    assert_eq!(house.rows().await, 0);
}
