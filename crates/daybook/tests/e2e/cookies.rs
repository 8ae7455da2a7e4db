//! Clients that have cookies: renewal in passing, and pages of other origins.

use std::time::Duration;

use serde_json::json;
use testkit::Engine;

use super::client::{Answer, Client};
use super::house::{House, PASSWORD};
use super::sessions::cookie;

/// What a browser would send back.
fn kept(answer: &Answer, name: &str) -> String {
    cookie(answer, name).unwrap().split(';').next().unwrap().to_owned()
}

async fn page_login(house: &Client) -> Answer {
    let page = house.with("origin", "http://localhost:3000");
    page.post("/auth/login", json!({"email": "anna@example.org", "password": PASSWORD})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_its_refresh_token_by_cookie_alone() {
    let house = House::new().await;
    house.user("anna").await;
    let welcome = page_login(&house).await;
    assert!(welcome.is(200).get("refresh_token").is_none());
    let set = cookie(&welcome, "refresh_token").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
    assert!(house.post("/auth/login", credentials.clone()).await.is(200)["refresh_token"].is_string());

    let with_cookie =
        house.with("origin", "http://localhost:3000").with("cookie", &kept(&welcome, "refresh_token"));
    let renewed = with_cookie.send("POST", "/auth/refresh", "", "").await;
    assert!(renewed.is(200).get("refresh_token").is_none());
    assert_ne!(kept(&renewed, "refresh_token"), kept(&welcome, "refresh_token"));
    let refused = house.with("cookie", "refresh_token=nonsense").send("POST", "/auth/refresh", "", "").await;
    refused.problem(401, "invalid_refresh_token");
    assert!(cookie(&refused, "refresh_token").unwrap().contains("Max-Age=0"));
}

on_every_engine! {
    async fn an_expired_bearer_is_renewed_in_passing(engine) {
        let house = House::on(engine).await;
        house.user("anna").await;
        let welcome = page_login(&house).await;
        let (token, cookie) = (welcome.is(200)["token"].as_str().unwrap().to_owned(), kept(&welcome, "refresh_token"));
        let page = house.with("cookie", &cookie).with("origin", "http://localhost:3000");
        assert_eq!(page.bearing(&token).get("/api/v1/me").await.header("new-access-token"), "");
        house.pass(Duration::from_secs(241)).await;
        let soon = page.bearing(&token).get("/api/v1/me").await;
        soon.is(200);
        assert_ne!(soon.header("new-access-token"), "");
        house.pass(Duration::from_hours(1)).await;
        for bearer in [token.as_str(), "null", "undefined"] {
            let served = page.bearing(bearer).post("/api/v1/tasks", json!({"title": "Milk"})).await;
            served.is(201);
            let fresh = served.header("new-access-token").to_owned();
            house.bearing(&fresh).get("/api/v1/me").await.is(200);
            assert!(served.headers.get("set-cookie").is_none(), "the refresh token stays as it is");
        }
        assert_eq!(page.get("/api/v1/tasks").await.is(200)["items"].as_array().unwrap().len(), 3);
        page.send("POST", "/auth/logout", "", "").await.is(200);
        page.bearing(&token).get("/api/v1/me").await.problem(401, "expired_token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_refreshes_works_for_days_in_two_processes_too() {
    let house = House::apart(Engine::Embedded).await;
    house.user("anna").await;
    let welcome = page_login(&house).await;
    let mut token = welcome.is(200)["token"].as_str().unwrap().to_owned();
    let page = house.with("cookie", &kept(&welcome, "refresh_token")).with("origin", "http://localhost:3000");
    for _ in 0..5 {
        house.pass(Duration::from_hours(24)).await;
        let served = page.bearing(&token).get("/api/v1/tasks").await;
        served.is(200);
        token = served.header("new-access-token").to_owned();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messenger_works_with_nothing_but_its_cookies() {
    let house = House::new().await;
    house.user("anna").await;
    let credentials = json!({"user": "anna@example.org", "pass": PASSWORD});
    let welcome = house.post("/auth", credentials).await;
    let (sso, refresh) = (kept(&welcome, "sso-token"), kept(&welcome, "refresh_token"));
    assert_eq!(welcome.is(200)["token"], sso.split_once('=').unwrap().1);
    let client = house.with("cookie", &format!("{sso}; {refresh}"));
    client.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
    house.with("cookie", &sso).get("/api/v1/me").await.is(200);
    house.pass(Duration::from_mins(6)).await;
    house.with("cookie", &sso).get("/api/v1/me").await.problem(401, "unauthenticated");
    let served = client.get("/api/v1/me").await;
    served.is(200);
    let fresh = kept(&served, "sso-token");
    house.with("cookie", &fresh).get("/api/v1/me").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_does_nothing_by_cookie() {
    let house = House::new().await;
    house.user("anna").await;
    let welcome = page_login(&house).await;
    let (token, cookie) =
        (welcome.is(200)["token"].as_str().unwrap().to_owned(), kept(&welcome, "refresh_token"));
    let browser = house.with("cookie", &cookie);
    let milk = json!({"title": "Milk"});
    let own = format!("http://{}", house.address);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:3001"),
        ("origin", "http://localhost:3000.evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let page = browser.with(name, value);
        page.post("/api/v1/tasks", milk.clone()).await.problem(403, "cross_site");
        for path in ["/auth/refresh", "/auth/logout", "/logout"] {
            page.send("POST", path, "", "").await.problem(403, "cross_site");
        }
        page.bearing(&token).post("/api/v1/tasks", milk.clone()).await.is(201);
        page.get("/api/v1/me").await.is(200);
    }
    for (name, value) in
        [("origin", "http://localhost:3000"), ("origin", &own), ("sec-fetch-site", "same-origin")]
    {
        browser.with(name, value).post("/api/v1/tasks", milk.clone()).await.is(201);
    }
    browser.post("/api/v1/tasks", milk).await.is(201);
}

/// What is the same for everybody may be kept by caches on the way.
#[tokio::test(flavor = "multi_thread")]
async fn no_token_comes_with_what_caches_may_keep() {
    let house = House::new().await;
    house.user("anna").await;
    let browser = house.with("cookie", &kept(&page_login(&house).await, "refresh_token"));
    for path in ["/", "/app/assets/api.js", "/.well-known/jwks.json", "/health", "/swagger/index.html"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("new-access-token"), "", "{path}");
    }
    let me = browser.get("/api/v1/me").await;
    assert_ne!(me.header("new-access-token"), "");
    assert_eq!(me.header("cache-control"), "no-store");
}

/// Whoever had a session before signing in does not keep it: the answer's cookie is a session of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_cannot_be_planted_before_signing_in() {
    let house = House::new().await;
    house.user("anna").await;
    let mallory = house.user("mallory").await;
    let planted = house.post("/auth/login", json!({"email": mallory.email, "password": PASSWORD})).await;
    let planted = kept(&planted, "refresh_token");
    let victim = house.with("cookie", &planted).with("origin", "http://localhost:3000");
    let welcome =
        victim.post("/auth/login", json!({"email": "anna@example.org", "password": PASSWORD})).await;
    assert_ne!(kept(&welcome, "refresh_token"), planted);
    assert_eq!(welcome.header("new-access-token"), "", "nothing of the planted session is renewed at a door");
    let anna = house.bearing(welcome.is(200)["token"].as_str().unwrap());
    assert_eq!(anna.with("cookie", &planted).get("/api/v1/me").await.is(200)["email"], "anna@example.org");
    house.pass(Duration::from_secs(250)).await;
    let soon = anna.with("cookie", &planted).get("/api/v1/me").await;
    assert_eq!(soon.is(200)["email"], "anna@example.org");
    assert_eq!(soon.header("new-access-token"), "", "another's cookie renews nothing of hers");
}
