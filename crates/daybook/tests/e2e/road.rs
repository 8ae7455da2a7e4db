//! The road that everybody takes, on every engine.

use serde_json::{Value, json};

use super::house::House;

fn titles(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

on_every_engine! {
    async fn from_signing_up_to_restoring_a_task(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        assert_eq!(anna.get("/api/v1/me").await.is(200)["email"], "anna@example.org");

        let mut ids = Vec::new();
        for title in ["Milk", "Bread", "Їжак 🦔", "Salt", "Tea"] {
            let task = anna.post("/api/v1/tasks", json!({"title": title, "note": "два\nрядки"})).await.is(201);
            assert_eq!((&task["title"], &task["completed"], &task["version"]), (&json!(title), &json!(false), &json!(1)));
            assert_eq!(task["created_at"], "2026-11-21T09:30:00.000000Z");
            ids.push(task["id"].as_u64().unwrap());
        }

        let first = anna.get("/api/v1/tasks?limit=2").await.is(200);
        assert_eq!(titles(&first), ["Tea", "Salt"]);
        let second = format!("/api/v1/tasks?limit=2&cursor={}", first["next"].as_str().unwrap());
        let second = anna.get(&second).await.is(200);
        assert_eq!(titles(&second), ["Їжак 🦔", "Bread"]);
        let third = format!("/api/v1/tasks?limit=2&cursor={}", second["next"].as_str().unwrap());
        let third = anna.get(&third).await.is(200);
        assert_eq!((titles(&third), &third["next"]), (vec!["Milk".to_owned()], &Value::Null));

        let bread = format!("/api/v1/tasks/{}", ids[1]);
        let done = anna.patch(&bread, json!({"completed": true, "note": null})).await.is(200);
        assert_eq!((&done["completed"], &done["note"], &done["version"]), (&json!(true), &Value::Null, &json!(2)));
        assert_eq!(anna.get(&bread).await.is(200), done);
        assert_eq!(titles(&anna.get("/api/v1/tasks?completed=true").await.is(200)), ["Bread"]);
        assert_eq!(titles(&anna.get("/api/v1/tasks?completed=false&limit=1").await.is(200)), ["Tea"]);

        anna.delete(&bread).await.is(204);
        anna.get(&bread).await.problem(404, "task_not_found");
        assert_eq!(titles(&anna.get("/api/v1/tasks").await.is(200)).len(), 4);
        house.total_becomes("tasks", 4).await;

        let back = anna.post(&format!("{bread}/restore"), json!({})).await.is(200);
        assert_eq!((&back["title"], &back["completed"], &back["version"]), (&json!("Bread"), &json!(true), &json!(4)));
        assert_eq!(titles(&anna.get("/api/v1/tasks").await.is(200)).len(), 5);
        house.total_becomes("tasks", 5).await;
        house.total_becomes("users", 1).await;
    }

    async fn everybody_has_their_own_tasks(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let task = anna.post("/api/v1/tasks", json!({"title": "Anna's"})).await.is(201);
        assert_eq!(titles(&boris.get("/api/v1/tasks").await.is(200)), Vec::<String>::new());
        let path = format!("/api/v1/tasks/{}", task["id"]);
        boris.get(&path).await.problem(404, "task_not_found");
        boris.patch(&path, json!({"title": "Boris's"})).await.problem(404, "task_not_found");
        boris.delete(&path).await.problem(404, "task_not_found");
        assert_eq!(anna.get(&path).await.is(200), task);
        house.total_becomes("users", 2).await;
    }

    async fn an_address_signs_up_once(engine) {
        let house = House::on(engine).await;
        let anna = house.user("anna").await;
        let again = json!({"email": " ANNA@example.org ", "password": "another password"});
        house.post("/signup", again.clone()).await.problem(409, "email_taken");
        house.post("/login", again).await.problem(401, "wrong_credentials");
        house.login(&anna.email).await;
    }
}
