//! Behind proxies: what they say of a client counts, and what the client says of itself does not.

use serde_json::json;
use testkit::Engine;

use super::client::Client;
use super::house::{House, PASSWORD};
use super::sessions::cookie;

const FEW: (&str, &str) = ("DAYBOOK_LOGINS_PER_ADDRESS", "2");

fn behind(proxies: &'static str) -> [(&'static str, &'static str); 2] {
    [("DAYBOOK_PROXIES_TRUSTED", proxies), FEW]
}

/// Fails to log in, each time as somebody else, and says what came of it.
async fn fail(client: &Client, times: usize) -> Vec<u16> {
    let mut heard = Vec::new();
    for _ in 0..times {
        let name = format!("u{}@example.org", heard.len());
        heard.push(client.post("/login", json!({"email": name, "password": "wrong"})).await.status);
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proxies_a_client_cannot_choose_its_address() {
    let house = House::with(Engine::Embedded, &[FEW]).await;
    assert_eq!(fail(&house, 2).await, [401, 401]);
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.1"),
        ("X_Forwarded_For", "203.0.113.2"),
        ("x-real-ip", "203.0.113.3"),
        ("forwarded", "for=203.0.113.4"),
        ("x-forwarded-for", "unknown"),
    ] {
        assert_eq!(fail(&house.with(name, value), 1).await, [429], "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_each_client_is_its_own() {
    let house = House::with(Engine::Embedded, &behind("1")).await;
    let from = |list: &str| house.with("x-forwarded-for", list);
    assert_eq!(fail(&from("203.0.113.1"), 3).await, [401, 401, 429]);
    assert_eq!(fail(&from("203.0.113.2"), 3).await, [401, 401, 429]);
    // What stands to the left of the proxy's own word is the client's.
    for lie in ["198.51.100.7, 203.0.113.1", "203.0.113.9,203.0.113.1:4711", "x,,203.0.113.1"] {
        assert_eq!(fail(&from(lie), 1).await, [429], "{lie}");
    }
    assert_eq!(fail(&from("198.51.100.7").with("x-forwarded-for", "203.0.113.1"), 1).await, [429]);
    assert_eq!(fail(&from("[2001:db8:1:2::3]:443"), 3).await, [401, 401, 429]);
    assert_eq!(fail(&from("2001:db8:1:2::4"), 1).await, [429], "one network is one client");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_two_proxies_the_second_entry_from_the_right_counts() {
    let house = House::with(Engine::Embedded, &behind("2")).await;
    let from = |list: &str| house.with("x-forwarded-for", list);
    assert_eq!(fail(&from("203.0.113.1, 10.0.0.2"), 3).await, [401, 401, 429]);
    assert_eq!(fail(&from("203.0.113.2, 10.0.0.2"), 3).await, [401, 401, 429]);
    assert_eq!(fail(&from("198.51.100.7, 203.0.113.1, 10.0.0.3"), 1).await, [429]);
}

/// The gateway has no more of the house than addresses of services, and these see the client all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_elsewhere_sees_the_client_and_not_the_gateway() {
    let house = House::with(Engine::Embedded, &[FEW]).await;
    let gateway = house.another_gateway().await;
    // The house itself faces everybody, and believes no gateway before it: all are one to it.
    assert_eq!(fail(&gateway.with("x-forwarded-for", "203.0.113.1"), 3).await, [401, 401, 429]);

    let services = House::of(Engine::Embedded, &["identity"]).await;
    let seen = services.with("x-forwarded-for", "203.0.113.7").with("x-forwarded-proto", "https");
    services.user("anna").await;
    let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
    let welcome = seen.post("/auth/login", credentials).await;
    assert!(cookie(&welcome, "refresh_token").unwrap().ends_with("; Secure"));
    let token = welcome.is(200)["token"].as_str().unwrap().to_owned();
    let sessions = services.bearing(&token).get("/auth/sessions").await;
    sessions.is(200);
    assert!(sessions.text().contains("203.0.113.7"), "{}", sessions.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_encrypted_connections_where_a_proxy_says_so() {
    for (proxies, said, encrypted) in [
        ("0", "https", false),
        ("1", "https", true),
        ("1", "HTTPS", true),
        ("1", "http", false),
        ("1", "https,http", false),
        ("2", "https, http", true),
        ("2", "https, http, http", false),
    ] {
        let house = House::with(Engine::Embedded, &behind(proxies)).await;
        house.user("anna").await;
        let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
        let welcome = house.with("x-forwarded-proto", said).post("/auth/login", credentials).await;
        let set = cookie(&welcome, "refresh_token").unwrap();
        assert_eq!(set.ends_with("; Secure"), encrypted, "{proxies} proxies, {said}: {set}");
    }
}

/// A page is our own when it lies under the name by which the client calls us, whatever the proxy calls us.
#[tokio::test(flavor = "multi_thread")]
async fn our_own_pages_are_those_of_the_name_that_the_proxy_says() {
    for (proxies, origin, name, status) in [
        ("1", "https://house.example", "house.example", 200),
        ("1", "https://house.example", "evil.example, house.example", 200),
        ("1", "https://evil.example", "evil.example, house.example", 403),
        ("0", "https://evil.example", "evil.example", 403),
    ] {
        let house = House::with(Engine::Embedded, &behind(proxies)).await;
        house.user("anna").await;
        let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
        let welcome = house.post("/auth/login", credentials).await;
        let kept = cookie(&welcome, "refresh_token").unwrap().split(';').next().unwrap().to_owned();
        let page = house.with("cookie", &kept).with("origin", origin).with("x-forwarded-host", name);
        let answer = page.send("POST", "/auth/refresh", "", "").await;
        assert_eq!(answer.status, status, "{proxies} proxies, {origin}, {name}: {}", answer.text());
    }
}
