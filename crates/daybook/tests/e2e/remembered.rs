//! What the gateway remembers: the profile and lists of tasks.

mod shared;

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;

use super::client::{Answer, Client};
use super::house::{House, PASSWORD};
use super::sessions::cookie;

const PATHS: [&str; 3] = ["/api/v1/me", "/api/v1/tasks?limit=10", "/tasks"];

fn cache(answer: &Answer) -> &str {
    answer.header("cache-status").strip_prefix("daybook; ").unwrap_or_default()
}

/// It is a hit the second time.
async fn remember(client: &Client, path: &str) -> Answer {
    client.get(path).await.is(200);
    let hit = client.get(path).await;
    assert_eq!(cache(&hit), "hit", "{path}");
    hit
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_read_is_a_hit_and_a_client_that_has_it_hears_304() {
    let house = House::with(Engine::Memory, &[("DAYBOOK_GATEWAY_CACHE_LIFETIME", "30s")]).await;
    let anna = house.user("anna").await;
    anna.post("/api/v1/tasks", json!({"title": "Їжак"})).await.is(201);
    for path in PATHS {
        let first = anna.get(path).await;
        assert_eq!((cache(&first), first.header("age")), ("fwd=miss; stored", ""), "{path}");
        house.clock.advance(Duration::from_secs(7));
        let hit = anna.get(path).await;
        assert_eq!((cache(&hit), hit.header("age")), ("hit", "7"), "{path}");
        assert_eq!((hit.is(200), hit.header("content-type")), (first.is(200), "application/json"));
        let tag = first.header("etag");
        assert!(tag.starts_with('"') && tag == hit.header("etag"), "{tag}");

        let has_it = anna.with("if-none-match", tag);
        let unchanged = has_it.get(path).await;
        assert_eq!(
            (unchanged.is(304), cache(&unchanged), unchanged.header("etag")),
            (Value::Null, "hit", tag)
        );
        assert_eq!(unchanged.header("cache-control"), "private, no-cache");
        let anew = has_it.with("cache-control", "no-cache").get(path).await;
        assert_eq!((anew.is(304), cache(&anew)), (Value::Null, "fwd=request; stored"));
        house.clock.advance(Duration::from_secs(30));
        assert_eq!(cache(&anna.get(path).await), "fwd=miss; stored", "{path}: not for ever");
    }
    assert_eq!(cache(&anna.get("/api/v1/tasks/17").await), "", "nothing else is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_seen_by_the_next_read_and_ends_nothing_else() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let task = anna.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201)["id"].to_string();
    let one = format!("/api/v1/tasks/{task}");
    let writes = [
        ("PATCH", one.as_str(), json!({"title": "Bread"})),
        ("PATCH", &one, json!({"completed": true})),
        ("DELETE", &one, Value::Null),
        ("POST", &format!("{one}/restore"), json!({})),
        ("POST", "/api/v1/tasks", json!({"title": "Salt"})),
        ("POST", "/tasks", json!({"title": "Pepper"})),
        ("PUT", &format!("/tasks/{task}"), json!({"completed": false})),
        ("DELETE", &format!("/tasks/{task}"), Value::Null),
        ("DELETE", "/tasks", Value::Null),
    ];
    remember(&anna, "/api/v1/me").await;
    for (method, path, body) in writes {
        let before = [remember(&anna, "/api/v1/tasks").await, remember(&anna, "/tasks").await];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        assert!(anna.send(method, path, "application/json", body).await.status < 300, "{method} {path}");
        for (path, before) in ["/api/v1/tasks", "/tasks"].into_iter().zip(before) {
            let after = anna.get(path).await;
            assert_eq!(cache(&after), "fwd=miss; stored", "{method} then {path}");
            assert_ne!(after.is(200), before.json(), "{method} then {path}");
            assert_ne!(after.header("etag"), before.header("etag"));
        }
        assert_eq!(cache(&anna.get("/api/v1/me").await), "hit", "{method} {path}");
    }
    anna.patch("/api/v1/me", json!({"name": "Анна"})).await.is(200);
    assert_eq!(anna.get("/api/v1/me").await.is(200)["name"], "Анна");
    assert_eq!(cache(&anna.get("/api/v1/tasks").await), "hit");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own() {
    let house = House::new().await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    anna.post("/api/v1/tasks", json!({"title": "Hers"})).await.is(201);
    for path in PATHS {
        let (hers, his) = (remember(&anna, path).await, remember(&boris, path).await);
        assert_ne!(hers.json(), his.json(), "{path}");
        house.get(path).await.problem(401, "unauthenticated");
        assert_eq!(cache(&house.get(path).await), "");
        // Her tag says nothing about what is his.
        assert_eq!(boris.with("if-none-match", hers.header("etag")).get(path).await.status, 200);
    }
    anna.post("/logout", json!({})).await.is(200);
    anna.get("/api/v1/me").await.problem(401, "session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_is_seen_at_once() {
    let house = House::new().await;
    let (anna, admin) = (house.user("anna").await, house.with_role("boss", "admin").await);
    remember(&anna, "/api/v1/me").await;
    let role = json!({"role": "manager"}).to_string();
    let path = format!("/api/v1/accounts/{}/role", anna.id);
    admin.send("PUT", &path, "application/json", role).await.is(200);
    assert_eq!(house.login(&anna.email).await.get("/api/v1/me").await.is(200)["role"], "manager");
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_tokens_cookies_and_request_ids_are_never_remembered() {
    let house = House::new().await;
    house.user("anna").await;
    let credentials = json!({"user": "anna@example.org", "pass": PASSWORD});
    let welcome = house.post("/auth", credentials).await;
    let kept = |name| cookie(&welcome, name).unwrap().split(';').next().unwrap().to_owned();
    let client = house.with("cookie", &format!("{}; {}", kept("sso-token"), kept("refresh_token")));
    house.pass(Duration::from_mins(6)).await;
    for path in PATHS {
        let renewed = client.with("x-request-id", "the-first").get(path).await;
        renewed.is(200);
        let (token, set) = (renewed.header("new-access-token"), cookie(&renewed, "sso-token").unwrap());
        assert_eq!((cache(&renewed), renewed.header("cache-control")), ("fwd=miss; stored", "no-store"));
        let hit = house.bearing(token).with("x-request-id", "the-second").get(path).await;
        assert_eq!((hit.is(200), cache(&hit)), (renewed.json(), "hit"), "{path}");
        assert_eq!(hit.header("x-request-id"), "the-second");
        let said = format!("{:?}", hit.headers);
        assert!(!said.contains("eyJ") && !said.contains(&*set), "{said}");
        assert_eq!((hit.header("new-access-token"), hit.header("set-cookie")), ("", ""));
        assert_eq!(hit.headers.get_all("date").iter().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_told_to_each_in_their_language_and_not_remembered() {
    let house = House::new().await;
    let anna = house.user("anna").await;
    for _ in 0..2 {
        for language in ["en", "uk", "ru"] {
            let wrong = anna.with("accept-language", language).get("/api/v1/tasks?limit=0").await;
            wrong.problem(400, "bad_query");
            assert_eq!((cache(&wrong), wrong.header("etag")), ("fwd=miss", ""));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_in_several_processes_remembers_nothing_in_its_memory_and_has_tags_all_the_same() {
    let house = House::apart(Engine::Embedded).await;
    let anna = house.user("anna").await;
    for path in PATHS {
        let first = anna.get(path).await;
        assert_eq!(cache(&first), "fwd=bypass");
        assert_eq!(cache(&anna.get(path).await), "fwd=bypass");
        anna.with("if-none-match", first.header("etag")).get(path).await.is(304);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_is_told_so_remembers_nothing_or_for_less_long() {
    let off = House::with(Engine::Memory, &[("DAYBOOK_GATEWAY_CACHE_ENABLED", "no")]).await;
    let anna = off.user("anna").await;
    for path in PATHS {
        let answer = anna.get(path).await;
        // What has a tag of its own may be kept by her browser all the same.
        let kept = if answer.header("etag").is_empty() { "no-store" } else { "private, no-cache" };
        assert_eq!((answer.header("cache-status"), answer.header("cache-control")), ("", kept));
    }
    let short = House::with(Engine::Memory, &[("DAYBOOK_GATEWAY_CACHE_LIFETIME", "2s")]).await;
    let anna = short.user("anna").await;
    remember(&anna, "/tasks").await;
    short.clock.advance(Duration::from_secs(2));
    assert_eq!(cache(&anna.get("/tasks").await), "fwd=miss; stored");
}
