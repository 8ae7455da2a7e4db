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
        assert_eq!(healthy(&client.get("/health").await), "gateway+identity+tasks+messenger+jobs");
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

mod tasks {
    use db::Batch;

    use super::*;
    use crate::e2e::house::Person;

    async fn task(of: &Person, title: &str) -> Value {
        of.post("/tasks", json!({"title": title})).await.is(201)
    }

    async fn titles(of: &Person) -> Vec<String> {
        let list = of.get("/tasks").await.is(200);
        list.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    }

    on_every_engine! {
        async fn writing_down_doing_and_deleting(engine) {
            let house = House::on(engine).await;
            let anna = house.user("anna").await;
            assert_eq!(anna.get("/tasks").await.is(200), json!([]));
            let milk = task(&anna, " Молоко ").await;
            let path = format!("/tasks/{}", milk["id"]);
            let wanted = json!({
                "id": milk["id"], "ID": milk["id"], "title": "Молоко", "completed": false,
                "created_at": "2026-11-21 09:30:00", "updated_at": "2026-11-21 09:30:00",
            });
            assert_eq!(milk, wanted);
            assert_eq!(anna.get(&path).await.is(200), milk);

            house.clock.advance(std::time::Duration::from_secs(2));
            let done = anna.send("PUT", &path, "text/plain", r#"{"completed": true, "colour": "red"}"#).await.is(200);
            let mut wanted = milk.clone();
            (wanted["completed"], wanted["updated_at"]) = (json!(true), json!("2026-11-21 09:30:02"));
            assert_eq!(done, wanted);
            let renamed = anna.send("PUT", &path, "", r#"{"title": "Oat milk", "note": "two"}"#).await.is(200);
            assert_eq!((&renamed["title"], &renamed["completed"]), (&json!("Oat milk"), &json!(true)));
            assert_eq!(anna.get(&format!("/api/v1{path}")).await.is(200)["note"], "two", "one service behind both");

            let bread = task(&anna, "Bread").await;
            assert_eq!(anna.get("/tasks").await.is(200), json!([renamed, bread]), "oldest first");
            let gone = anna.delete(&path).await;
            assert_eq!((gone.status, gone.body.len()), (204, 0));
            assert_eq!(anna.get("/tasks").await.is(200), json!([bread]));
            house.total_becomes("tasks", 1).await;
        }

        async fn all_of_ones_own_are_deleted_at_once(engine) {
            let house = House::on(engine).await;
            let (anna, boris) = (house.user("anna").await, house.user("boris").await);
            let first = task(&anna, "Milk").await;
            many(&house, &anna, 1_201).await;
            task(&boris, "Bread").await;
            house.total_becomes("tasks", 2).await;
            assert_eq!(anna.delete("/tasks").await.is(204), Value::Null);
            assert_eq!((titles(&anna).await, titles(&boris).await.len()), (vec![], 1));
            // Those that were put there behind its back are counted off as well.
            house.total_becomes("tasks", 2 - 1_202).await;
            anna.delete("/tasks").await.is(204);
            let back = anna.post(&format!("/api/v1/tasks/{}/restore", first["id"]), json!({})).await.is(200);
            assert_eq!((&back["version"], titles(&anna).await), (&json!(3), vec!["Milk".to_owned()]));
        }

        async fn a_long_list_goes_on_where_its_link_says(engine) {
            let house = House::on(engine).await;
            let anna = house.user("anna").await;
            many(&house, &anna, 2_001).await;
            let (mut path, mut found, mut lengths) = ("/tasks".to_owned(), Vec::new(), Vec::new());
            loop {
                let answer = anna.get(&path).await;
                let list = answer.is(200).as_array().unwrap().clone();
                lengths.push(list.len());
                found.extend(list.iter().map(|task| task["title"].as_str().unwrap().parse::<i64>().unwrap()));
                let Some(next) = answer.header("link").strip_prefix('<') else { break };
                path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
                assert!(path.starts_with("/tasks?after="), "{path}");
            }
            assert_eq!(lengths, [1_000, 1_000, 1]);
            assert!(found.iter().copied().eq(1..=2_001), "each once, in order");
        }
    }

    /// Rows in the table, as if they had been made one after the other.
    async fn many(house: &House, of: &Person, count: i64) {
        let head = "insert into tasks (owner_id, gone, id, title, completed, position, version, created_at, updated_at) values";
        let owner = i64::try_from(of.id).unwrap();
        for from in (1..=count).step_by(500) {
            let row = |n: i64| {
                vec![
                    owner.into(),
                    0.into(),
                    n.into(),
                    n.to_string().into(),
                    0.into(),
                    (n << 10).into(),
                    1.into(),
                    0.into(),
                    0.into(),
                ]
            };
            let rows = (from..(from + 500).min(count + 1)).map(row).collect();
            house.databases().next().unwrap().write(Batch::new().bulk(head, rows)).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_there_is_said_as_the_document_says_it() {
        let house = House::new().await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let milk = task(&anna, "Milk").await;
        let path = format!("/tasks/{}", milk["id"]);
        for (language, sentence) in
            [("ru", "Задача не найдена"), ("", "Task not found"), ("de", "Task not found")]
        {
            let boris = boris.with("accept-language", language);
            for answer in
                [boris.get(&path).await, boris.delete(&path).await, boris.send("PUT", &path, "", "{}").await]
            {
                assert_eq!(answer.problem(404, "task_not_found")["error"], sentence);
            }
        }
        anna.delete(&path).await.is(204);
        anna.delete(&path).await.problem(404, "task_not_found");
        anna.get("/tasks/0").await.problem(400, "bad_id");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn without_login_nothing_is_done() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let milk = task(&anna, "Milk").await;
        let path = format!("/tasks/{}", milk["id"]);
        for (method, path) in [
            ("GET", "/tasks"),
            ("POST", "/tasks"),
            ("DELETE", "/tasks"),
            ("GET", &path),
            ("PUT", &path),
            ("DELETE", &path),
        ] {
            house
                .send(method, path, "application/json", r#"{"title": "x"}"#)
                .await
                .problem(401, "unauthenticated");
        }
        assert_eq!(anna.get("/tasks").await.is(200), json!([milk]));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_kept_is_named() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        anna.post("/tasks", json!({})).await.refuses(&[("title", "required")]);
        anna.post("/tasks", json!({"title": " "})).await.refuses(&[("title", "required")]);
        anna.post("/tasks", json!({"title": 7})).await.refuses(&[("title", "wrong_type")]);
        let path = format!("/tasks/{}", task(&anna, "Milk").await["id"]);
        anna.send("PUT", &path, "", r#"{"completed": "yes"}"#).await.refuses(&[("completed", "wrong_type")]);
        anna.send("PUT", &path, "", r#"{"title": ""}"#).await.refuses(&[("title", "required")]);
        anna.send("PUT", &path, "", "{").await.problem(400, "malformed_json");
        for after in ["x", "", "8000000000000400", "8000000000000400.0"] {
            anna.get(&format!("/tasks?after={after}")).await.problem(400, "bad_query");
        }
        assert_eq!(titles(&anna).await, ["Milk"]);
    }

    /// As the page of the document calls it: from its own origin, with its token and its cookies.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_page_of_the_document_may_do_all_of_it() {
        let house = House::new().await;
        let anna = house.user("anna").await;
        let page = anna.with("origin", "http://localhost:3000");
        let made = page.post("/tasks", json!({"title": "Milk"})).await;
        let path = format!("/tasks/{}", made.is(201)["id"]);
        let asked =
            house.with("origin", "http://localhost:3000").with("access-control-request-method", "DELETE");
        let preflight = asked.send("OPTIONS", &path, "", "").await;
        preflight.is(204);
        assert!(preflight.header("access-control-allow-methods").contains("DELETE"));
        let done = page.send("PUT", &path, "application/json", r#"{"completed": true}"#).await;
        for answer in [
            &made,
            &preflight,
            &done,
            &page.get("/tasks").await,
            &page.delete(&path).await,
            &page.delete("/tasks").await,
        ] {
            assert!(answer.status < 300, "{answer:?}");
            assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000", "{answer:?}");
            assert_eq!(answer.header("access-control-allow-credentials"), "true", "{answer:?}");
        }
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
        for name in ["Authorization", "If-Match", "If-None-Match", "Idempotency-Key"] {
            assert!(preflight.header("access-control-allow-headers").contains(name), "{name}");
        }

        for answer in [page.get("/health").await, page.get("/api/v1/tasks").await, page.get("/none").await] {
            assert_eq!(answer.header("access-control-allow-origin"), "http://localhost:3000", "{answer:?}");
            for name in ["New-Access-Token", "ETag", "Idempotency-Replayed"] {
                assert!(answer.header("access-control-expose-headers").contains(name), "{name}");
            }
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
