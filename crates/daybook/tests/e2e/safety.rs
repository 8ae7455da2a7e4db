//! What every answer tells a browser, so that it cannot be misused.

use serde_json::json;
use testkit::Engine;

use super::client::Answer;
use super::house::House;

#[track_caller]
fn is_safe(answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        let said: Vec<_> = answer.headers.get_all(name).iter().collect();
        assert_eq!(said, [value], "{}: {name}", answer.asked);
    }
    let policy: Vec<_> = answer.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policy.len(), 1, "{}", answer.asked);
    assert!(policy[0].to_str().unwrap().contains("frame-ancestors 'none'"), "{}: {policy:?}", answer.asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_safe_to_show() {
    for house in [House::new().await, House::apart(Engine::Embedded).await] {
        let anna = house.user("anna").await;
        for path in ["/", "/app/tasks", "/health", "/api/v1/openapi.json", "/swagger/index.html", "/none"] {
            is_safe(&house.get(path).await);
        }
        is_safe(&house.post_text("/login", "{").await);
        is_safe(&house.get("/api/v1/tasks").await);
        is_safe(&anna.get("/api/v1/tasks").await);
        is_safe(&anna.post("/api/v1/tasks", json!({"title": "Milk"})).await);
        is_safe(&anna.with("x-long", &"v".repeat(40 << 10)).get("/api/v1/tasks").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_somebodys_own_is_not_kept_and_what_is_everybodys_may_be() {
    for house in [House::new().await, House::apart(Engine::Embedded).await] {
        let anna = house.user("anna").await;
        for path in ["/api/v1/me/sessions", "/api/v1/tasks", "/tasks", "/api/v1/tasks/17"] {
            assert_eq!(anna.get(path).await.header("cache-control"), "no-store", "{path}");
        }
        // What has a tag her own browser may keep, as long as it asks each time.
        assert_eq!(anna.get("/api/v1/me").await.header("cache-control"), "private, no-cache");
        let credentials = json!({"email": "anna@example.org", "password": super::house::PASSWORD});
        assert_eq!(house.post("/auth/login", credentials).await.header("cache-control"), "no-store");
        assert_eq!(house.get("/").await.header("cache-control"), "no-cache");
        assert_ne!(house.get("/.well-known/jwks.json").await.header("cache-control"), "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_are_held_to_encryption_where_the_proxy_has_it() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_PROXIES_TRUSTED", "1")]).await;
    let encrypted = house.with("x-forwarded-proto", "https").get("/health").await;
    assert_eq!(encrypted.header("strict-transport-security"), "max-age=31536000");
    for plain in [house.get("/health").await, house.with("x-forwarded-proto", "http").get("/health").await] {
        assert_eq!(plain.header("strict-transport-security"), "");
    }
    let alone = House::new().await;
    let lied = alone.with("x-forwarded-proto", "https").get("/health").await;
    assert_eq!(lied.header("strict-transport-security"), "");
}

/// The pages of Swagger bring scripts and styles with them, and say nothing of what they may do.
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_swagger_still_run() {
    let house = House::new().await;
    let page = house.get("/swagger/index.html").await;
    assert_eq!((page.status, page.header("content-security-policy")), (200, "frame-ancestors 'none'"));
}
