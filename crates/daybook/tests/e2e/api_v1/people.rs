//! `/api/v1/people`: whom one may talk with, and what they are called.

use serde_json::{Value, json};

use crate::e2e::house::{House, PASSWORD};

const PEOPLE: &str = "/api/v1/people";

on_every_engine! {
    async fn people_are_found_by_their_names_and_named_by_their_ids(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let ben = house.post("/register", json!({"user": "Бен", "pass": PASSWORD})).await.is(201)["id"].as_u64().unwrap();
        anna.patch("/api/v1/me", json!({"name": "Анна"})).await.is(200);
        let (hers, his) = (
            json!({"id": anna.id, "name": "Анна", "username": null}),
            json!({"id": ben, "name": "", "username": "бен"}),
        );
        for name in ["%D0%B1%D0%B5%D0%BD", "%20%D0%91%D0%95%D0%9D%20"] {
            assert_eq!(anna.get(&format!("{PEOPLE}?name={name}")).await.is(200), json!([his]));
        }
        let found = anna.get(&format!("{PEOPLE}?ids={ben},7,{},{ben}", anna.id)).await.is(200);
        let mut found = found.as_array().unwrap().clone();
        found.sort_by_key(|person| person["id"].as_u64());
        assert_eq!(found, [hers.clone(), his]);
        assert_eq!(anna.get(&format!("{PEOPLE}?name=%D0%B0%D0%9D%D0%BD%D0%B0")).await.is(200), json!([hers]));
        for nobody in ["name=%D0%B1%D0%B5", "name=anna", "name=anna@example.org", "name=", "name=%2B380441234567", "ids=7"] {
            assert_eq!(anna.get(&format!("{PEOPLE}?{nobody}")).await.is(200), json!([]), "{nobody}");
        }

        anna.send("DELETE", "/api/v1/me", "application/json", json!({"password": PASSWORD}).to_string()).await.is(200);
        let carl = house.user("carl").await;
        assert_eq!(carl.get(&format!("{PEOPLE}?ids={}", anna.id)).await.is(200), json!([]), "who leaves is gone");
    }
}

on_every_engine! {
    async fn whoever_signed_up_by_mail_is_found_by_the_names_that_they_give_themselves(engine) {
        let house = House::on(engine).await;
        let (anna, ben) = (house.user("anna").await, house.user("ben").await);
        let found = async |name: &str| {
            let found = ben.get(&format!("{PEOPLE}?name={name}")).await.is(200);
            found.as_array().unwrap().iter().map(|person| person["id"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(found("anna").await, [0; 0], "an address says nothing of who has it");
        anna.patch("/api/v1/me", json!({"name": "Anna Karenina"})).await.is(200);
        assert_eq!(found("anna%20KARENINA").await, [anna.id]);
        assert_eq!(found("anna").await, [0; 0], "the whole of it is asked for");
        anna.patch("/api/v1/me", json!({"username": "Anna.K"})).await.is(200);
        assert_eq!(found("anna.k").await, [anna.id]);
        house.post("/login", json!({"email": "anna.k", "password": PASSWORD})).await.is(200);

        // Who has it as a user name comes first, and each comes once.
        ben.patch("/api/v1/me", json!({"name": "anna.k"})).await.is(200);
        assert_eq!(found("anna.k").await, [anna.id, ben.id]);
        anna.patch("/api/v1/me", json!({"name": "ANNA.K"})).await.is(200);
        assert_eq!(found("anna.k").await, [anna.id, ben.id]);
        // Whoever calls themselves by an address is found by it as little as anybody.
        anna.patch("/api/v1/me", json!({"name": "anna@example.org"})).await.is(200);
        for address in ["anna@example.org", "anna%EF%BC%A0example.org", "ben@example.org"] {
            assert_eq!(found(address).await, [0; 0], "{address}");
        }
        anna.patch("/api/v1/me", json!({"name": ""})).await.is(200);
        assert_eq!(found("anna%20karenina").await, [0; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_for_cannot_be_read() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let many = |last: u64| (1..=last).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for query in ["", "ids=", "ids=x", "ids=1,", "ids=0", "ids=1;2", "name=a&ids=1", "name=a&name=b", "q=a"] {
        anna.get(&format!("{PEOPLE}?{query}")).await.problem(400, "bad_query");
    }
    anna.get(&format!("{PEOPLE}?ids={}", many(101))).await.problem(400, "bad_query");
    assert_eq!(anna.get(&format!("{PEOPLE}?ids={}", many(100))).await.is(200), json!([]));
    house.get(&format!("{PEOPLE}?name=anna")).await.problem(401, "unauthenticated");
    assert_eq!(anna.post(PEOPLE, Value::Null).await.status, 405);
}
