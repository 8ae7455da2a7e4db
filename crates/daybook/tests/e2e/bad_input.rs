//! What no client should send: each is a problem of its own that says what to do, none is a 500, and nothing is
//! written. What only a raw connection can send is in `slow_and_raw`.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::house::{House, Person};

const TASKS: &str = "/api/v1/tasks";

/// Bodies that are no JSON, or none that is read, with the status and kind of the refusal.
fn bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(5_000), close.repeat(5_000)).into_bytes();
    vec![
        ("nothing", vec![], 400, "malformed_json"),
        ("blanks", b"  \n ".into(), 400, "malformed_json"),
        ("half an object", br#"{"title": "x""#.into(), 400, "malformed_json"),
        ("an object and more", br#"{"title": "x"} {}"#.into(), 400, "malformed_json"),
        ("a trailing comma", br#"{"title": "x",}"#.into(), 400, "malformed_json"),
        ("single quotes", b"{'title': 'x'}".into(), 400, "malformed_json"),
        ("a form", b"title=x".into(), 400, "malformed_json"),
        ("a byte order mark", b"\xef\xbb\xbf{\"title\": \"x\"}".into(), 400, "malformed_json"),
        ("a bare NUL", b"{\"title\": \"a\0b\"}".into(), 400, "malformed_json"),
        ("NULs", b"\0\0\0\0".into(), 400, "malformed_json"),
        ("invalid UTF-8", b"{\"title\": \"\xff\xfe\"}".into(), 400, "malformed_json"),
        (
            "UTF-16",
            "{\"title\": \"x\"}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            400,
            "malformed_json",
        ),
        ("half a surrogate pair", br#"{"title": "\ud800"}"#.into(), 400, "malformed_json"),
        ("the other half", br#"{"title": "\udc00x"}"#.into(), 400, "malformed_json"),
        ("NaN", br#"{"title": NaN}"#.into(), 400, "malformed_json"),
        ("arrays without end", vec![b'['; 5_000], 400, "json_too_deep"),
        ("5,000 arrays", deep("[", "]"), 400, "json_too_deep"),
        ("5,000 objects", deep("{\"a\":", "}"), 400, "json_too_deep"),
        (
            "depth in a field nobody knows",
            [br#"{"x": "#.to_vec(), deep("[", "]"), b"}".to_vec()].concat(),
            400,
            "json_too_deep",
        ),
        ("the same key twice", br#"{"title": "x", "title": "y"}"#.into(), 422, "invalid"),
        ("an array", b"[\"anna@example.org\", \"correct horse\"]".into(), 422, "invalid"),
        ("an array with a mistake", b"[1,".into(), 400, "malformed_json"),
        ("a text", b"\"title\"".into(), 422, "invalid"),
        ("null", b"null".into(), 422, "invalid"),
        ("a number that no number is", br#"{"title": 1e999}"#.into(), 400, "malformed_json"),
        ("a huge number", br#"{"title": 18446744073709551616}"#.into(), 422, "invalid"),
        (
            "12 MB",
            [br#"{"title": ""#.to_vec(), vec![b'x'; 12 << 20], b"\"}".to_vec()].concat(),
            413,
            "body_too_large",
        ),
    ]
}

/// A house with somebody in it, and how much is written there.
async fn house() -> (House, Person, i64) {
    let house = House::new().await;
    let anna = house.user("anna").await;
    let rows = house.rows().await;
    (house, anna, rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_but_a_good_one_writes_a_task() {
    let (house, anna, rows) = house().await;
    for (what, body, status, code) in bodies() {
        let refused = anna.post_text(TASKS, body).await;
        assert_eq!(refused.status, status, "{what}: {}", refused.text());
        refused.problem(status, code);
    }
    assert_eq!(house.rows().await, rows, "nothing was written");
    anna.post_text(TASKS, r#"{"title": "\ud83e\udd94"}"#).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_but_a_good_one_changes_a_task() {
    let (house, anna, _) = house().await;
    let task = anna.post(TASKS, json!({"title": "Milk"})).await.is(201);
    let path = format!("{TASKS}/{}", task["id"]);
    for (what, body, status, code) in bodies() {
        let refused = anna.send("PATCH", &path, "application/json", body).await;
        assert_eq!(refused.status, status, "{what}: {}", refused.text());
        refused.problem(status, code);
    }
    assert_eq!(anna.get(&path).await.is(200), task);
    drop(house);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_but_a_good_one_opens_a_root_path() {
    let (house, _, rows) = house().await;
    for path in ["/signup", "/auth/register", "/login", "/auth/login"] {
        for (what, body, _, _) in bodies() {
            let refused = house.post_text(path, body).await;
            assert!((400..500).contains(&refused.status), "{what} to {path}: {}", refused.text());
            assert_eq!(refused.json()["error"], refused.json()["title"], "{what} to {path}");
        }
    }
    assert_eq!(house.rows().await, rows, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_api_v1_json_has_to_say_that_it_is() {
    let (house, anna, rows) = house().await;
    let body = json!({"title": "x"}).to_string();
    for wrong in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "multipart/form-data",
        "json",
        "application/+",
    ] {
        anna.send("POST", TASKS, wrong, body.clone()).await.problem(415, "unsupported_media_type");
    }
    assert_eq!(house.rows().await, rows);
    for right in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        anna.send("POST", TASKS, right, body.clone()).await.is(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_there_is_refused_with_those_that_are() {
    let (house, anna, rows) = house().await;
    for (path, allowed) in [
        (TASKS, "GET,HEAD,POST"),
        ("/api/v1/me", "DELETE,GET,HEAD,PATCH"),
        ("/login", "POST"),
        ("/health", "GET,HEAD"),
    ] {
        for method in ["TRACE", "OPTIONS", "PUT", "BREW", "PROPFIND"] {
            let refused = anna.send(method, path, "", "").await;
            refused.problem(405, "method_not_allowed");
            let mut methods: Vec<&str> = refused.header("allow").split(',').collect();
            methods.sort_unstable();
            assert_eq!(methods.join(","), allowed, "{method} {path}");
        }
    }
    assert_eq!(house.rows().await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let (_house, anna, _) = house().await;
    for path in [TASKS, "/api/v1/me", "/health", "/api/v1/tasks/17", "/none"] {
        let (get, head) = (anna.get(path).await, anna.send("HEAD", path, "", "").await);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

/// `count` headers, and one with `long` bytes.
fn laden(client: &Client, count: usize, long: usize) -> Client {
    let many = (0..count).fold(client.clone(), |client, number| client.with(&format!("x-{number}"), "v"));
    if long > 0 { many.with("x-long", &"v".repeat(long)) } else { many }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_have_limits() {
    let (house, anna, rows) = house().await;
    laden(&anna, 90, 0).get("/api/v1/me").await.is(200);
    laden(&anna, 120, 0).get("/api/v1/me").await.problem(431, "headers_too_large");
    laden(&anna, 0, 40 << 10).get("/api/v1/me").await.problem(431, "headers_too_large");
    laden(&anna, 120, 0).post(TASKS, json!({"title": "x"})).await.problem(431, "headers_too_large");
    // Beyond what is parsed at all there is no body to explain it with.
    assert_eq!(laden(&anna, 1_000, 0).get("/api/v1/me").await.status, 431);
    assert_eq!(house.rows().await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_have_a_limit() {
    let (_house, anna, _) = house().await;
    anna.get(&format!("{TASKS}/{}", "7".repeat(9_000))).await.problem(414, "uri_too_long");
    anna.get(&format!("{TASKS}?cursor={}", "7".repeat(9_000))).await.problem(414, "uri_too_long");
    anna.get(&format!("{TASKS}?cursor={}", "7".repeat(7_000))).await.problem(400, "bad_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_404_whatever_it_looks_like() {
    let (_house, anna, _) = house().await;
    for path in [
        "/none",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/tasks",
        "/API/V1/TASKS",
        "/api/v1/tasks/17/steal",
        "/%00",
        "/%ff",
        "/%",
        "/%zz",
        "/api/v1/../v1/tasks",
    ] {
        anna.get(path).await.problem(404, "no_such_path");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_kept_when_it_is_fit_to_be_logged() {
    let (house, _, _) = house().await;
    let kept = house.with("x-request-id", "order-66").get("/none").await;
    assert_eq!(kept.problem(404, "no_such_path")["request_id"], "order-66");
    for bad in [" a b", "a\tlevel: error", &"x".repeat(500), "їжак"] {
        let replaced = house.with("x-request-id", bad).get("/none").await;
        assert_ne!(replaced.header("x-request-id"), bad);
        assert_ne!(replaced.problem(404, "no_such_path")["request_id"], Value::Null);
    }
}

/// One request for each kind of problem that a client can cause.
async fn problems(client: &Client, nobody: &Client) -> Vec<Answer> {
    let signup = json!({"email": "anna@example.org", "password": "correct horse"});
    vec![
        nobody.get("/api/v1/me").await,
        nobody.bearing("null").get("/api/v1/me").await,
        nobody.post("/login", json!({"email": "x", "password": "y"})).await,
        nobody.post("/signup", signup).await,
        client.get("/none").await,
        client.get("/api/v1/tasks/17").await,
        client.get("/api/v1/tasks/x").await,
        client.get("/api/v1/tasks?limit=0").await,
        client.delete(TASKS).await,
        client.post_text(TASKS, "{").await,
        client.post_text(TASKS, vec![b'['; 100]).await,
        client.post_text(TASKS, vec![b'x'; 2 << 20]).await,
        client.post(TASKS, json!({"title": ""})).await,
        client.send("POST", TASKS, "text/plain", "{}").await,
        client.get(&format!("/{}", "x".repeat(9_000))).await,
        laden(client, 120, 0).get("/none").await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_told_in_every_language() {
    let (house, anna, _) = house().await;
    let speaking =
        |language| (anna.with("accept-language", language), house.with("accept-language", language));
    let ((en, nobody_en), (uk, nobody_uk), (ru, nobody_ru)) =
        (speaking("en"), speaking("uk"), speaking("ru"));
    let answers =
        tokio::join!(problems(&en, &nobody_en), problems(&uk, &nobody_uk), problems(&ru, &nobody_ru));
    let mut kinds = BTreeSet::new();
    for ((en, uk), ru) in answers.0.iter().zip(&answers.1).zip(&answers.2) {
        let kind = en.json()["type"].as_str().unwrap().trim_start_matches("urn:daybook:problem:").to_owned();
        let [en, uk, ru] = [en, uk, ru].map(|answer| {
            let title = answer.problem(en.status, &kind)["title"].clone();
            title.as_str().unwrap().to_owned()
        });
        let is_cyrillic = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
        assert!(
            !is_cyrillic(&en) && is_cyrillic(&uk) && is_cyrillic(&ru) && uk != ru,
            "{kind}: {en} / {uk} / {ru}"
        );
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), answers.0.len(), "each has a kind of its own: {kinds:?}");
}

/// Wherever it goes, whoever sends it, and whether or not anybody would have read it.
#[tokio::test(flavor = "multi_thread")]
async fn twelve_megabytes_are_refused_everywhere() {
    let (house, anna, rows) = house().await;
    let large = Bytes::from(vec![b' '; 12 << 20]);
    for client in [&*house, &*anna] {
        for (method, path) in [
            ("POST", TASKS),
            ("GET", TASKS),
            ("DELETE", "/api/v1/tasks/17"),
            ("POST", "/none"),
            ("POST", "/signup"),
        ] {
            let refused = client.send(method, path, "application/json", large.clone()).await;
            let problem = refused.problem(413, "body_too_large");
            assert!(problem["title"].as_str().unwrap().contains("1048576"), "{problem}");
        }
    }
    assert_eq!(house.rows().await, rows);
}
