//! How often a client may ask, and what it is told of that.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::Engine;

use super::client::{Answer, Client};
use super::house::{House, PASSWORD};
use super::talking::Talking;

/// Few of everything, earned again one in six, three or two seconds.
const FEW: [(&str, &str); 7] = [
    ("DAYBOOK_RATES_ENABLED", "yes"),
    ("DAYBOOK_PROXIES_TRUSTED", "1"),
    ("DAYBOOK_RATES_READ_PER_ADDRESS", "20"),
    ("DAYBOOK_RATES_READ_PER_USER", "10"),
    ("DAYBOOK_RATES_WRITE_PER_ADDRESS", "12"),
    ("DAYBOOK_RATES_WRITE_PER_USER", "6"),
    ("DAYBOOK_RATES_SIGN_IN_PER_ADDRESS", "3"),
];

async fn house() -> House {
    House::with(Engine::Embedded, &FEW).await
}

/// Somebody who signed up elsewhere, at another address than everybody else.
async fn anna(house: &House, from: &str) -> Client {
    let client = house.with("x-forwarded-for", from);
    let credentials = json!({"email": "anna@example.org", "password": PASSWORD});
    if client.post("/login", credentials.clone()).await.status != 200 {
        client.post("/signup", credentials.clone()).await.is(201);
    }
    let token = client.post("/login", credentials).await.is(200)["access_token"].as_str().unwrap().to_owned();
    client.bearing(&token)
}

#[track_caller]
fn is_too_many(answer: &Answer, wait: u64, limit: &str) {
    answer.problem(429, "too_many_requests");
    assert_eq!(answer.header("retry-after"), wait.to_string());
    assert_eq!(answer.header("ratelimit"), format!("\"{limit}\";r=0;t={wait}"));
    assert!(answer.header("ratelimit-policy").starts_with(&format!("\"{limit}\";q=")), "{answer:?}");
}

async fn statuses(client: &Client, path: &str, times: usize) -> Vec<u16> {
    let mut heard = Vec::new();
    for _ in 0..times {
        heard.push(client.get(path).await.status);
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_waits_and_others_do_not() {
    let house = house().await;
    let (one, other) =
        (house.with("x-forwarded-for", "203.0.113.1"), house.with("x-forwarded-for", "203.0.113.2"));
    let first = one.get("/none").await;
    assert_eq!(first.header("ratelimit-policy"), "\"read-address\";q=20;w=60");
    assert_eq!(first.header("ratelimit"), "\"read-address\";r=19;t=3");
    assert_eq!(statuses(&one, "/none", 20).await, [vec![404; 19], vec![429]].concat());
    is_too_many(&one.get("/").await, 3, "read-address");
    for language in ["en", "uk", "ru"] {
        let refused = one.with("accept-language", language).get("/").await;
        assert!(!refused.problem(429, "too_many_requests")["title"].as_str().unwrap().is_empty());
    }
    assert_eq!(other.get("/none").await.status, 404);
    assert_eq!(statuses(&one, "/health", 3).await, [200; 3], "health is for everybody");
    house.clock.advance(Duration::from_secs(3));
    assert_eq!(statuses(&one, "/none", 2).await, [404, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_ipv6_is_one_client() {
    let house = house().await;
    let from = |address: &str| house.with("x-forwarded-for", address);
    assert_eq!(statuses(&from("2001:db8:1:2::3"), "/none", 20).await, [404; 20]);
    assert_eq!(from("2001:db8:1:2:ffff::4").get("/none").await.status, 429);
    assert_eq!(from("2001:db8:1:3::3").get("/none").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_counted_wherever_they_are() {
    let house = house().await;
    let (home, away) = (anna(&house, "203.0.113.1").await, anna(&house, "203.0.113.2").await);
    assert_eq!(statuses(&home, "/api/v1/me", 10).await, [200; 10]);
    is_too_many(&away.get("/api/v1/me").await, 6, "read-user");
    // Somebody else at the same address is not Anna.
    let nobody = house.with("x-forwarded-for", "203.0.113.1");
    assert_eq!(nobody.get("/none").await.status, 404);
    // What changes something is another account.
    for _ in 0..6 {
        away.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
    }
    is_too_many(&home.post("/api/v1/tasks", json!({"title": "Milk"})).await, 10, "write-user");
    assert_eq!(house.with("x-forwarded-for", "203.0.113.1").get("/none").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_doors_failures_count_and_successes_do_not() {
    let house = house().await;
    anna(&house, "203.0.113.9").await;
    let client = house.with("x-forwarded-for", "203.0.113.1");
    let right = json!({"email": "anna@example.org", "password": PASSWORD});
    let wrong = json!({"email": "anna@example.org", "password": "wrong"});
    for _ in 0..10 {
        client.post("/login", right.clone()).await.is(200);
    }
    assert_eq!(client.post("/login", right.clone()).await.header("ratelimit"), "\"door-address\";r=3;t=20");
    for _ in 0..3 {
        client.post("/auth/login", wrong.clone()).await.problem(401, "wrong_credentials");
    }
    is_too_many(&client.post("/login", right.clone()).await, 20, "door-address");
    house.with("x-forwarded-for", "203.0.113.2").post("/login", right).await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_count_also_when_they_succeed() {
    let house = house().await;
    let client = house.with("x-forwarded-for", "203.0.113.1");
    for (name, status) in [("a", 201), ("b", 201), ("c", 201), ("d", 429)] {
        let credentials = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        assert_eq!(client.post("/signup", credentials).await.status, status, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_may_read_what_they_are_told() {
    let house = house().await;
    let page = house.with("origin", "http://localhost:3000").with("x-forwarded-for", "203.0.113.1");
    statuses(&page, "/none", 20).await;
    let refused = page.get("/none").await;
    is_too_many(&refused, 3, "read-address");
    assert_eq!(refused.header("access-control-allow-origin"), "http://localhost:3000");
    for name in ["RateLimit", "RateLimit-Policy", "Retry-After", "New-Access-Token"] {
        assert!(refused.header("access-control-expose-headers").contains(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_behind_one_address_notices_nothing() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_RATES_ENABLED", "yes")]).await;
    let anna = house.user("anna").await;
    for _ in 0..300 {
        anna.get("/api/v1/tasks").await.is(200);
        assert_eq!(house.get("/").await.status, 200);
    }
    let off = House::new().await;
    assert_eq!(off.get("/").await.header("ratelimit"), "");
}

/// What is refused on a socket, and in how many seconds it may be said again.
async fn refused(socket: &mut Talking) -> (Value, Value, Value) {
    loop {
        let said = socket.heard().await.unwrap();
        if said["type"] == "error" {
            return (said["client_key"].clone(), said["data"]["type"].clone(), said["retry_after"].clone());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_a_socket_counts_like_a_request() {
    let house = house().await;
    let anna = anna(&house, "203.0.113.1").await;
    let me = anna.get("/api/v1/me").await.is(200)["id"].clone();
    let chat = anna.post("/api/v1/chats", json!({"user_id": me})).await.is(200)["id"].clone();
    let mut socket = anna.talk("/api/v1/chats/live").await.unwrap();
    let send = |key: &str| json!({"type": "send", "chat_id": chat, "text": "Hi", "client_key": key});
    for _ in 0..5 {
        socket.say(send("a")).await;
        while socket.heard().await.unwrap()["type"] != "sent" {}
    }
    let too_many = json!("urn:daybook:problem:too_many_requests");
    socket.say(send("b")).await;
    assert_eq!(refused(&mut socket).await, (json!("b"), too_many.clone(), json!(10)));
    socket.say(json!({"type": "typing", "chat_id": chat})).await;
    assert_eq!(refused(&mut socket).await, (Value::Null, too_many.clone(), json!(10)));
    is_too_many(&anna.post("/api/v1/tasks", json!({"title": "Milk"})).await, 10, "write-user");
    let messages = format!("/api/v1/chats/{chat}/messages");
    assert_eq!(anna.get(&messages).await.is(200)["items"].as_array().unwrap().len(), 1);

    // What has arrived is said often: it counts like looking. She has looked three times.
    for _ in 0..8 {
        socket.say(json!({"type": "received", "chat_id": chat, "seq": 1})).await;
    }
    assert_eq!(refused(&mut socket).await, (Value::Null, too_many.clone(), json!(6)));
    socket.say(json!({"type": "token", "token": "nonsense"})).await;
    assert_eq!(refused(&mut socket).await, (Value::Null, too_many, json!(6)), "no token is looked at");
    house.clock.advance(Duration::from_secs(10));
    socket.say(send("b")).await;
    while socket.heard().await.unwrap()["type"] != "sent" {}
}

/// Frames pass its gateway as they are: it counts them itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_messenger_elsewhere_counts_what_is_said_to_it() {
    let house = House::behind_a_gateway(Engine::Embedded, &FEW).await;
    let anna = anna(&house, "203.0.113.1").await;
    let me = anna.get("/api/v1/me").await.is(200)["id"].clone();
    let chat = anna.post("/api/v1/chats", json!({"user_id": me})).await.is(200)["id"].clone();
    let mut socket = anna.talk("/api/v1/chats/live").await.unwrap();
    for _ in 0..7 {
        socket.say(json!({"type": "send", "chat_id": chat, "text": "Hi"})).await;
    }
    assert_eq!(refused(&mut socket).await.2, json!(10));
    let messages = format!("/api/v1/chats/{chat}/messages");
    assert_eq!(anna.get(&messages).await.is(200)["items"].as_array().unwrap().len(), 6);
}

/// One request that waits for its body is all that there is room for.
#[tokio::test(flavor = "multi_thread")]
async fn one_request_too_many_is_sent_away_at_once_and_health_is_not() {
    use tokio::io::AsyncWriteExt;

    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_IN_FLIGHT", "2")]).await;
    let anna = house.user("anna").await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut slow = tokio::net::TcpStream::connect(house.address).await.unwrap();
        let head = format!(
            "POST /api/v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
            anna.token
        );
        slow.write_all(head.as_bytes()).await.unwrap();
        waiting.push(slow);
    }
    super::eventually::eventually("there is no room", async || {
        (anna.get("/api/v1/me").await.status == 503).then_some(())
    })
    .await;
    for language in ["en", "uk", "ru"] {
        let refused = anna.with("accept-language", language).get("/api/v1/tasks").await;
        refused.problem(503, "crowded");
        assert_eq!(refused.header("retry-after"), "1");
    }
    house.get("/health").await.is(200);
    house.login("anna@example.org").await;
    drop(waiting);
    super::eventually::eventually("there is room again", async || {
        (anna.get("/api/v1/me").await.status == 200).then_some(())
    })
    .await;
}
