//! Document 2, the gateway and the task service: what of it there is.

use serde_json::{Value, json};
use testkit::Engine;

use crate::e2e::client::Answer;
use crate::e2e::house::{House, PASSWORD};

on_every_engine! {
    async fn registering_and_logging_in(engine) {
        let house = House::on(engine).await;
        let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
        let registered = house.post("/auth/register", credentials.clone()).await.is(201);
        let id = registered["user_id"].as_u64().unwrap();
        assert_eq!(registered["id"], id);
        assert!(registered["message"].is_string());

        let welcome = house.post("/auth/login", credentials).await.is(200);
        assert_eq!(welcome["token"], welcome["access_token"]);
        assert_eq!(welcome["user"], json!({"id": id, "email": "anna@example.org"}));
        assert_eq!((&welcome["id"], &welcome["name"], &welcome["role_name"]), (&json!(id), &json!(""), &json!("user")));
        let anna = house.bearing(welcome["token"].as_str().unwrap());
        assert_eq!(anna.get("/api/v1/me").await.is(200)["id"], id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_doors_lead_to_the_same_accounts() {
    let house = House::new().await;
    let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
    house.post("/auth/register", credentials.clone()).await.is(201);
    house.post("/signup", credentials.clone()).await.problem(409, "email_taken");
    house.post("/auth/register", credentials.clone()).await.problem(409, "email_taken");
    house.post("/login", credentials).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_401_and_an_empty_form_422() {
    let house = House::new().await;
    house.user("anna").await;
    let wrong = json!({"email": "anna@example.org", "password": "wrong"});
    house.post("/auth/login", wrong).await.problem(401, "wrong_credentials");
    let nothing = [("email", "required"), ("password", "required")];
    house.post("/auth/login", json!({})).await.refuses(&nothing);
    let empty = json!({"email": "", "password": ""});
    house.post("/auth/register", empty).await.refuses(&[("email", "required"), ("password", "required")]);
}

/// The page sends no content type of its own in some versions, and unknown fields in others.
#[tokio::test(flavor = "multi_thread")]
async fn its_clients_need_not_say_that_they_send_json() {
    let house = House::new().await;
    let body = json!({"email": "anna@example.org", "password": PASSWORD, "remember": true}).to_string();
    house.send("POST", "/auth/register", "", body.clone()).await.is(201);
    house.send("POST", "/auth/login", "text/plain;charset=UTF-8", body).await.is(200);
}

fn healthy(answer: &Answer) -> Value {
    let health = answer.is(200);
    assert_eq!(
        (&health["status"], &health["timestamp"]),
        (&json!("ok"), &json!("2026-11-21T09:30:00.000000Z"))
    );
    health["service"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_to_everybody() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for client in [&*house, &*anna, &house.bearing("null")] {
        assert_eq!(healthy(&client.get("/health").await), "gateway+identity+tasks");
    }
    house.post("/health", json!({})).await.problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_tells_its_own_health() {
    for role in ["identity", "tasks"] {
        let service = House::of(Engine::Memory, &[role]).await;
        assert_eq!(healthy(&service.get("/health").await), role);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_the_readers_language() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for (language, sentence) in [
        ("ru", "Задача не найдена"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "Задача не найдена"),
        ("uk", "Завдання не знайдено"),
        ("en", "Task not found"),
        ("de", "Task not found"),
        ("", "Task not found"),
    ] {
        let anna = anna.with("accept-language", language);
        let problem = anna.get("/api/v1/tasks/17").await.problem(404, "task_not_found");
        assert_eq!(problem["title"], sentence, "{language}");
        assert_eq!(problem["error"], sentence, "{language}");
    }
}

mod cors {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_page_of_the_document_may_call() {
        let house = House::new().await;
        let page = house.with("origin", "http://localhost:3000");
        let asked = page
            .with("access-control-request-method", "PUT")
            .with("access-control-request-headers", "authorization,content-type");
        let preflight = asked.send("OPTIONS", "/api/v1/tasks", "", "").await;
        preflight.is(204);
        assert_eq!(preflight.header("access-control-allow-origin"), "http://localhost:3000");
        assert_eq!(preflight.header("access-control-allow-credentials"), "true");
        assert!(preflight.header("access-control-allow-methods").contains("PUT"));
        assert!(preflight.header("access-control-allow-headers").contains("Authorization"));

        for answer in [page.get("/health").await, page.get("/api/v1/tasks").await, page.get("/none").await] {
            assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000", "{answer:?}");
            assert!(answer.header("access-control-expose-headers").contains("New-Access-Token"));
            assert!(answer.header("vary").contains("Origin"));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_strangers_page_may_not() {
        let house = House::new().await;
        for origin in
            ["http://evil.example", "null", "http://localhost:3000.evil.example", "HTTP://LOCALHOST:3000"]
        {
            let page = house.with("origin", origin);
            let preflight = page.with("access-control-request-method", "PUT");
            for answer in
                [preflight.send("OPTIONS", "/api/v1/tasks", "", "").await, page.get("/health").await]
            {
                assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{origin}");
            }
        }
    }
}
