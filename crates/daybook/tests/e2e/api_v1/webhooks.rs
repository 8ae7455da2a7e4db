//! Jobs of the kind `webhook`: another server is told.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jobs::webhook::{Secret, verify};
use serde_json::{Value, json};
use testkit::Engine;
use types::Clock;

use crate::e2e::client::Client;
use crate::e2e::eventually::eventually;
use crate::e2e::house::House;

const JOBS: &str = "/api/v1/jobs";
const SECRET: &str = "/api/v1/jobs/webhook-secret";
/// Lets this machine be called.
const HERE: [(&str, &str); 1] = [("DAYBOOK_WEBHOOKS_ALLOW", "127.0.0.1")];

/// What came, in order.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Heard {
    fn all(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().unwrap().clone()
    }
}

/// A receiver that answers as its path says; where it is, and what it hears.
fn receiver() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, heard) = (listener.local_addr().unwrap(), Heard::default());
    let routes = Router::new().fallback(take).with_state(heard.clone());
    let (limits, stop) = (api::serve::Limits::default(), api::stop::Stop::default());
    tokio::spawn(async move { api::serve::run([listener], routes, limits, stop, None).await.unwrap() });
    (format!("http://{address}"), heard)
}

async fn take(State(heard): State<Heard>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut all = heard.0.lock().unwrap();
    all.push((headers, body));
    let first = all.len() == 1;
    match uri.path() {
        "/twice" if first => (StatusCode::INTERNAL_SERVER_ERROR, "not yet").into_response(),
        "/gone" => StatusCode::GONE.into_response(),
        "/inward" => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", "http://127.0.0.2:8080/")]).into_response()
        }
        _ => "thanks".into_response(),
    }
}

async fn put(client: &Client, payload: Value) -> Value {
    client.post(JOBS, json!({"kind": "webhook", "payload": payload})).await.is(202)["id"].clone()
}

async fn becomes(client: &Client, id: &Value, state: &str) -> Value {
    eventually(&format!("the job is {state}"), async || {
        let job = client.get(&format!("{JOBS}/{id}")).await.is(200);
        (job["state"] == state).then_some(job)
    })
    .await
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers[name].to_str().unwrap()
}

on_every_engine! {
    async fn a_receiver_is_told_again_until_it_takes_it_and_knows_who_speaks(engine) {
        let (url, heard) = receiver();
        let house = House::with(engine, &HERE).await;
        let anna = house.user("anna").await;
        let id = put(&anna, json!({"url": format!("{url}/twice"), "body": {"text": "ї"}})).await;
        let waits = becomes(&anna, &id, "scheduled").await;
        assert_eq!(waits["error"], "the answer was 500: not yet");
        house.clock.advance(Duration::from_secs(11));
        becomes(&anna, &id, "done").await;
        let secret = anna.get(SECRET).await.is(200);
        let secret = Secret::parse(secret["secret"].as_str().unwrap()).unwrap();
        let all = heard.all();
        assert_eq!(all.len(), 2);
        for (headers, body) in all {
            let [message, at, signature] =
                ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| header(&headers, name));
            assert_eq!((message, &body[..]), (id.to_string().as_str(), "{\"text\":\"ї\"}".as_bytes()));
            assert!(verify(&secret, (message, at, signature), &body, house.clock.now()), "{headers:?}");
        }
    }

    async fn a_secret_is_ones_own_and_changes_without_a_gap(engine) {
        let (url, heard) = receiver();
        let house = House::with(engine, &HERE).await;
        let (anna, boris) = (house.user("anna").await, house.user("boris").await);
        let [first, his] = [anna.get(SECRET).await.is(200), boris.get(SECRET).await.is(200)];
        assert_eq!((&first["number"], &first["previous_until"]), (&json!(1), &Value::Null));
        assert_ne!(first["secret"], his["secret"]);
        assert_eq!(anna.get(SECRET).await.header("cache-control"), "no-store");
        anna.put(SECRET, json!({"number": 3})).await.refuses(&[("number", "bad_secret_number")]);
        anna.put(SECRET, json!({"number": 0})).await.refuses(&[("number", "bad_secret_number")]);
        let until = house.clock.now().plus(Duration::from_hours(24)).to_string();
        for _ in 0..2 {
            let second = anna.put(SECRET, json!({"number": 2})).await.is(200);
            assert_ne!(second["secret"], first["secret"]);
            assert_eq!((&second["number"], &second["previous_until"]), (&json!(2), &json!(until)));
        }
        assert_eq!(boris.get(SECRET).await.is(200), his);
        let id = put(&anna, json!({"url": url})).await;
        becomes(&anna, &id, "done").await;
        let (headers, body) = heard.all().remove(0);
        assert_eq!(&body[..], b"{}");
        let signatures = header(&headers, "webhook-signature");
        assert_eq!(signatures.split(' ').count(), 2);
        let [first, his] = [first, his].map(|told| Secret::parse(told["secret"].as_str().unwrap()).unwrap());
        let told = (header(&headers, "webhook-id"), header(&headers, "webhook-timestamp"), signatures);
        assert!(verify(&first, told, &body, house.clock.now()));
        assert!(!verify(&his, told, &body, house.clock.now()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_no_more_or_leads_inward_is_given_up() {
    let (url, heard) = receiver();
    let house = House::with(Engine::Embedded, &HERE).await;
    let anna = house.user("anna").await;
    let gone = put(&anna, json!({"url": format!("{url}/gone")})).await;
    assert_eq!(becomes(&anna, &gone, "dead").await["error"], "the answer was 410");
    let inward = put(&anna, json!({"url": format!("{url}/inward")})).await;
    let error = becomes(&anna, &inward, "dead").await["error"].to_string();
    assert!(error.contains("127.0.0.2 is on a private or special network"), "{error}");
    assert_eq!(heard.all().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_called_unless_its_operator_says_so() {
    let (url, heard) = receiver();
    let house = House::new().await;
    let anna = house.user("anna").await;
    let order = |payload: Value| anna.post(JOBS, json!({"kind": "webhook", "payload": payload}));
    order(json!({"url": url})).await.refuses(&[("payload.url", "webhook_address_refused")]);
    order(json!({})).await.refuses(&[("payload.url", "required")]);
    order(json!({"url": 7, "secret": "whsec_x"}))
        .await
        .refuses(&[("payload.secret", "unknown_field"), ("payload.url", "wrong_type")]);
    order(json!({"url": "ftp://example.org"})).await.refuses(&[("payload.url", "bad_webhook_url")]);
    // Where a name leads is seen when it is called.
    let id = put(&anna, json!({"url": url.replace("127.0.0.1", "localhost")})).await;
    let error = becomes(&anna, &id, "dead").await["error"].to_string();
    assert!(error.contains("localhost is on a private or special network"), "{error}");
    assert!(heard.all().is_empty());
}
