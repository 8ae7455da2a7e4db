//! Document 5, the task queue: tokens that are renewed and given back, and jobs.

use std::time::Duration;

use db::sql;
use serde_json::{Value, json};

use crate::e2e::client::Client;
use crate::e2e::house::{House, PASSWORD};
use crate::e2e::program::process::Folder;

/// Signs in; the access token and the refresh token.
async fn login(client: &Client, name: &str) -> (String, String) {
    pair(&client.post("/login", json!({"username": name, "password": PASSWORD})).await.is(200))
}

fn pair(answer: &Value) -> (String, String) {
    let token = |name: &str| answer[name].as_str().unwrap().to_owned();
    (token("access_token"), token("refresh_token"))
}

fn presented(token: &str) -> Value {
    json!({"refresh_token": format!("Bearer {token}")})
}

async fn sessions(house: &House) -> i64 {
    let db = house.databases().next().unwrap();
    db.first(sql!("select count(*) from sessions")).await.unwrap().unwrap()
}

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

    /// Five minutes and a week.
    async fn tokens_live_as_long_as_is_written(engine) {
        let house = House::on(engine).await;
        house.post("/register", json!({"username": "anna", "password": PASSWORD})).await.is(201);
        let (access, refresh) = login(&house, "anna").await;
        house.pass(Duration::from_secs(4 * 60 + 59)).await;
        house.bearing(&access).get("/jobs").await.is(200);
        house.pass(Duration::from_secs(2)).await;
        house.bearing(&access).get("/jobs").await.problem(401, "expired_token");
        let (access, next) = pair(&house.post("/refresh", presented(&refresh)).await.is(200));
        house.bearing(&access).get("/jobs").await.is(200);
        house.pass(Duration::from_hours(7 * 24)).await;
        house.post("/refresh", presented(&next)).await.problem(401, "invalid_refresh_token");
        let (access, _) = login(&house, "anna").await;
        house.bearing(&access).get("/jobs").await.is(200);
    }

    async fn a_token_that_was_given_back_is_gone_from_the_database(engine) {
        let house = House::on(engine).await;
        house.post("/register", json!({"username": "anna", "password": PASSWORD})).await.is(201);
        let (access, refresh) = login(&house, "anna").await;
        let there = sessions(&house).await;
        house.post("/logout", presented(&refresh)).await.is(200);
        assert_eq!(sessions(&house).await, there - 1);
        house.post("/refresh", presented(&refresh)).await.problem(401, "invalid_refresh_token");
        house.bearing(&access).get("/jobs").await.problem(401, "session_ended");
        let (access, _) = login(&house, "anna").await;
        house.bearing(&access).get("/jobs").await.is(200);
    }

    async fn a_job_is_added_looked_at_called_off_and_tried_again(engine) {
        let house = House::on(engine).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let new = json!({"kind": "external", "payload": {"n": 1}, "run_at": "2020-01-01T00:00:00Z", "colour": "red"});
        let made = anna.post("/jobs", new).await.is(202);
        assert_eq!(made, json!({"id": made["id"], "state": "queued"}));
        let path = format!("/jobs/{}", made["id"]);
        let whole = anna.get(&path).await.is(200);
        assert_eq!((&whole["id"], &whole["payload"]), (&made["id"], &json!({"n": 1})));
        assert_eq!(whole, anna.get(&format!("/api/v1{path}")).await.is(200));
        let listed = anna.get("/jobs").await.is(200);
        assert_eq!((&listed[0]["id"], listed.as_array().unwrap().len()), (&made["id"], 1));
        assert_eq!(boris.get("/jobs").await.is(200), json!([]));
        boris.get(&path).await.problem(404, "job_not_found");
        for verb in ["cancel", "retry"] {
            boris.post(&format!("{path}/{verb}"), Value::Null).await.problem(404, "job_not_found");
        }
        anna.post(&format!("{path}/retry"), Value::Null).await.problem(409, "job_not_over");
        for _ in 0..2 {
            let off = anna.post(&format!("{path}/cancel"), Value::Null).await.is(200);
            assert_eq!(off, json!({"id": made["id"], "state": "cancelled"}));
        }
        assert_eq!(anna.post(&format!("{path}/retry"), Value::Null).await.is(200)["state"], "queued");
        // An open one that is called so is answered as if it were new.
        let called = json!({"kind": "external", "key": "once"});
        let once = anna.post("/jobs", called.clone()).await.is(202);
        assert_eq!(anna.post("/jobs", called).await.is(202), once);
    }
}

/// With `Bearer` before it, as the document has it, and without; anything else is no token.
#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_taken_from_the_body() {
    let house = House::new().await;
    house.post("/register", json!({"username": "anna", "password": PASSWORD})).await.is(201);
    let (_, token) = login(&house, "anna").await;
    let (_, token) = pair(&house.post("/refresh", presented(&token)).await.is(200));
    let (access, token) = pair(&house.post("/refresh", json!({"refresh_token": token})).await.is(200));
    for wrong in [
        format!("Basic {token}"),
        format!("Bearer {access}"),
        "Bearer".into(),
        "Bearer nonsense".into(),
        String::new(),
    ] {
        let body = json!({"refresh_token": wrong});
        house.post("/refresh", body.clone()).await.problem(401, "invalid_refresh_token");
        assert_eq!(house.post("/logout", body).await.status, 401);
    }
    house.post("/refresh", json!({"refresh_token": 1})).await.refuses(&[("refresh_token", "wrong_type")]);
    assert_eq!(house.post("/refresh", json!({})).await.status, 401);
    assert_eq!(house.post("/logout", json!({})).await.status, 401);
    house.bearing(&access).get("/jobs").await.is(200);
    house.post("/logout", json!({"refresh_token": token})).await.is(200);
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
    let anna = house.user("anna").await;
    anna.post("/jobs", json!({})).await.refuses(&[("kind", "required")]);
    anna.post("/jobs", json!({"kind": "external", "payload": "x"}))
        .await
        .refuses(&[("payload", "not_an_object")]);
    anna.post("/jobs", json!([])).await.refuses(&[("body", "wrong_type")]);
    anna.post_text("/jobs", "{").await.problem(400, "malformed_json");
    anna.get("/jobs/17").await.problem(404, "job_not_found");
    anna.get("/jobs/x").await.problem(400, "bad_id");
    for path in ["/jobs", "/jobs/17"] {
        house.get(path).await.problem(401, "unauthenticated");
    }
    for path in ["/jobs", "/jobs/17/cancel", "/jobs/17/retry"] {
        house.post(path, json!({})).await.problem(401, "unauthenticated");
    }
}

/// Two hundred and where it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_says_where_it_goes_on() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    anna.post("/api/v1/jobs", json!(vec![json!({"kind": "external"}); 201])).await.is(202);
    let answer = anna.get("/jobs").await;
    assert_eq!(answer.is(200).as_array().unwrap().len(), 200);
    let link = answer.header("link").to_owned();
    let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
    let rest = anna.get(next).await;
    assert_eq!((rest.is(200).as_array().unwrap().len(), rest.header("link")), (1, ""));
}

/// `config.yml` and `.env` in the working directory, and the interface as a page.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_its_two_files_and_its_swagger() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join("config.yml"),
        "tokens:\n  access_ttl: 1m\npasswords:\n  min_length: 30\n",
    )
    .unwrap();
    std::fs::write(folder.path().join(".env"), "DAYBOOK_PASSWORDS_MIN_LENGTH=12\n").unwrap();
    let house = folder.serve();
    let new = |password: &str| json!({"username": "anna", "password": password});
    house.client.post("/register", new("eleven char")).await.refuses(&[("password", "too_short")]);
    house.client.post("/register", new("twelve chars")).await.is(201);
    let welcome = house.client.post("/login", new("twelve chars")).await.is(200);
    assert_eq!(welcome["expires_in"], 60);
    let page = house.client.get("/swagger/index.html").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("swagger"));
    let promised = house.client.get("/api/v1/openapi.json").await.is(200);
    for path in [
        "/register",
        "/login",
        "/refresh",
        "/logout",
        "/jobs",
        "/jobs/{id}",
        "/jobs/{id}/cancel",
        "/jobs/{id}/retry",
    ] {
        assert!(promised["paths"][path].is_object(), "{path}");
    }
    house.stop();
}
