//! `/api/v1/accounts`, and what people do with their own account under `/api/v1/me`.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::house::{House, PASSWORD};

const NEW: &str = "another horse battery";
const DAY: Duration = Duration::from_hours(24);

async fn put(client: &Client, path: &str, body: Value) -> Answer {
    client.send("PUT", path, "application/json", body.to_string()).await
}

async fn leave(client: &Client, password: &str) -> Answer {
    client.send("DELETE", "/api/v1/me", "application/json", json!({"password": password}).to_string()).await
}

on_every_engine! {
    async fn signing_up_and_saying_something_else(engine) {
        let house = House::on(engine).await;
        let new = json!({
            "username": "Anna", "phone_number": "+380 44 123 45 67", "password": PASSWORD, "timezone": "Europe/Kyiv",
            "language": "uk",
        });
        let made = house.post("/api/v1/accounts", new).await.is(201);
        assert_eq!((&made["username"], &made["phone_number"]), (&json!("anna"), &json!("+380441234567")));
        assert_eq!((&made["role"], &made["language"], &made["version"]), (&json!("user"), &json!("uk"), &json!(1)));

        let welcome = house.post("/login", json!({"login": "anna", "password": PASSWORD})).await.is(200);
        let anna = house.bearing(welcome["access_token"].as_str().unwrap());
        assert_eq!(anna.get("/api/v1/me").await.is(200), made);
        let new_words = json!({"name": " Анна ", "week_start": 7, "username": "Анна", "language": "ru", "version": 1});
        let changed = anna.patch("/api/v1/me", new_words.clone()).await.is(200);
        assert_eq!((&changed["name"], &changed["week_start"]), (&json!("Анна"), &json!(7)));
        assert_eq!((&changed["username"], &changed["timezone"]), (&json!("анна"), &json!("Europe/Kyiv")));
        assert_eq!(anna.get("/api/v1/me").await.is(200), changed);
        anna.patch("/api/v1/me", new_words).await.problem(409, "stale");
        assert_eq!(put(&anna, "/api/v1/me/timezone", json!({"timezone": "asia/tokyo"})).await.is(200)["timezone"], "Asia/Tokyo");
        put(&anna, "/api/v1/me/timezone", json!({"timezone": "Mars/Base"})).await.refuses(&[("timezone", "unknown_timezone")]);
        let path = format!("/user/{}", made["id"]);
        assert_eq!(put(&anna, &path, json!({"timezone": "Europe/Kyiv"})).await.is(200)["timezone"], "Europe/Kyiv");
        put(&anna, &path, json!({"timezone": "Mars/Base"})).await.refuses(&[("timezone", "unknown_timezone")]);
    }

    async fn leaving_and_coming_back(engine) {
        let house = House::on(engine).await;
        let (anna, other) = (house.user("anna").await, house.login("anna@example.org").await);
        leave(&anna, "wrong").await.refuses(&[("password", "wrong_password")]);
        anna.get("/api/v1/me").await.is(200);

        let left = leave(&anna, PASSWORD).await.is(200);
        assert_eq!(left["removed_at"], "2026-12-21T09:30:00.000000Z");
        for gone in [&anna, &other] {
            gone.get("/api/v1/me").await.problem(401, "session_ended");
        }
        let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
        house.post("/signup", credentials.clone()).await.problem(409, "email_taken");
        let back = house.login("anna@example.org").await;
        assert_eq!(back.id, anna.id);
        back.get("/api/v1/me").await.is(200);

        leave(&back, PASSWORD).await.is(200);
        house.clock.advance(DAY * 30);
        house.post("/login", credentials).await.problem(401, "wrong_credentials");
    }

    async fn a_role_is_an_administrators_to_give(engine) {
        let house = House::on(engine).await;
        let (anna, admin) = (house.user("anna").await, house.with_role("boss", "admin").await);
        let manager = house.with_role("vira", "manager").await;
        let path = format!("/api/v1/accounts/{}/role", anna.id);
        for client in [&anna, &manager] {
            put(client, &path, json!({"role": "admin"})).await.problem(403, "forbidden");
        }
        house.bearing("null").get(&path).await.problem(405, "method_not_allowed");
        put(&admin, &path, json!({"role": "king"})).await.refuses(&[("role", "wrong_type")]);
        put(&admin, "/api/v1/accounts/17/role", json!({"role": "admin"})).await.problem(404, "account_not_found");
        assert_eq!(put(&admin, &path, json!({"role": "manager"})).await.is(200)["role"], "manager");
        anna.get("/api/v1/me").await.problem(401, "session_ended");
        let again = house.login("anna@example.org").await;
        assert_eq!(again.get(&format!("/api/v1/accounts/{}", admin.id)).await.is(200)["role"], "admin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_not_for_the_asking_anywhere() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let new = json!({"username": "boris", "password": PASSWORD, "role": "admin"});
    house.post("/api/v1/accounts", new).await.refuses(&[("role", "unknown_field")]);
    for more in
        [json!({"role": "admin"}), json!({"id": 1}), json!({"email_verified_at": "2026-11-21T09:30:00Z"})]
    {
        let field = more.as_object().unwrap().keys().next().unwrap().clone();
        anna.patch("/api/v1/me", more).await.refuses(&[(&field, "unknown_field")]);
    }
    let path = format!("/user/{}", anna.id);
    let sent = json!({"timezone": "Europe/Kyiv", "role": "admin", "email": "other@example.org", "id": 1});
    put(&anna, &path, sent).await.is(200);
    let me = anna.get("/api/v1/me").await.is(200);
    assert_eq!(
        (&me["role"], &me["email"], &me["id"]),
        (&json!("user"), &json!("anna@example.org"), &json!(anna.id))
    );
    for room in ["/auth/register", "/api/auth/register", "/register", "/signup"] {
        let email = format!("{}@example.org", room.replace('/', ""));
        let new =
            json!({"email": email, "password": PASSWORD, "role": "admin", "generation": 7, "vouched": true});
        house.post(room, new).await.is(201);
        let somebody = house.login(&email).await.get("/api/v1/me").await.is(200);
        assert_eq!(
            (&somebody["role"], &somebody["email_verified_at"]),
            (&json!("user"), &Value::Null),
            "{room}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_guessed_first_are_refused_here() {
    let house = House::new().await;
    let sign_up = |password: &str| {
        let new = json!({"email": "Anna@Example.org", "password": password});
        house.post("/api/v1/accounts", new)
    };
    for (password, code) in [
        ("Password1", "common_password"),
        ("1q2w3e4r5t", "common_password"),
        ("anna@example.ORG", "password_is_address"),
        ("short", "too_short"),
        (&"x".repeat(129), "too_long"),
    ] {
        sign_up(password).await.refuses(&[("password", code)]);
    }
    assert_eq!(house.rows().await, 0);
    sign_up(PASSWORD).await.is(201);
    let anna = house.login("anna@example.org").await;
    let change = async |old: &str, new: &str| {
        put(&anna, "/api/v1/me/password", json!({"old_password": old, "new_password": new})).await
    };
    change(PASSWORD, "iloveyou1").await.refuses(&[("new_password", "common_password")]);
    change("wrong", NEW).await.refuses(&[("old_password", "wrong_password")]);
    change(PASSWORD, NEW).await.is(200);
    anna.get("/api/v1/me").await.is(200);
    put(&house, "/api/v1/me/password", json!({})).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_says_where_another_is_or_sees_their_account() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let path = format!("/user/{}", anna.id);
    put(&boris, &path, json!({"timezone": "Asia/Tokyo"})).await.problem(404, "account_not_found");
    put(&boris, "/user/17", json!({"timezone": "Asia/Tokyo"})).await.problem(404, "account_not_found");
    put(&house, &path, json!({"timezone": "Asia/Tokyo"})).await.problem(401, "unauthenticated");
    boris.get(&format!("/api/v1/accounts/{}", anna.id)).await.problem(403, "forbidden");
    boris.get("/api/v1/accounts/17").await.problem(403, "forbidden");
    assert_eq!(boris.get(&format!("/api/v1/accounts/{}", boris.id)).await.is(200)["id"], boris.id);
    assert_eq!(anna.get("/api/v1/me").await.is(200)["timezone"], "UTC");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_crowd_is_turned_away_and_told_when_to_come_again() {
    let settings = [("DAYBOOK_PASSWORDS_MEMORY", "19MiB"), ("DAYBOOK_PASSWORDS_QUEUE", "4")];
    let house = House::with(testkit::Engine::Memory, &settings).await;
    let wrong = || house.post("/login", json!({"email": "nobody@example.org", "password": "wrong"}));
    let answers = futures_util::future::join_all((0..24).map(|_| wrong())).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!refused.is_empty() && refused.len() < answers.len(), "{} were refused", refused.len());
    for answer in refused {
        answer.problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
    }
}
