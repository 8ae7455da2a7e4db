//! What passes through the gateway to a service elsewhere: streams, web sockets, and nothing that is another's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use api::stop::Stop;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::Client;
use super::eventually::eventually;
use super::house::{House, Person};

/// How long a session's streams may outlive it.
const A_SECOND: Duration = Duration::from_secs(1);

/// A service in the place of tasks: it streams, echoes, or says which headers it was sent.
async fn service() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stop, _trigger) = Stop::manual();
        let listener = listener.into_std().unwrap();
        api::serve::run(
            [listener],
            Router::new().fallback(answer),
            api::serve::Limits::default(),
            stop,
            None,
        )
        .await
        .unwrap();
    });
    address
}

/// Handlers that wait for ever, and those of them that were dropped.
static WAITING: AtomicUsize = AtomicUsize::new(0);
static LEFT: AtomicUsize = AtomicUsize::new(0);

struct Leaving;

impl Drop for Leaving {
    fn drop(&mut self) {
        LEFT.fetch_add(1, Ordering::Relaxed);
    }
}

async fn answer(mut request: Request) -> Response {
    if request.headers().contains_key("upgrade") {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
            let _ = tokio::io::copy(&mut read, &mut write).await;
        });
        let headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", "yes")];
        return (StatusCode::SWITCHING_PROTOCOLS, headers).into_response();
    }
    if request.headers().contains_key("x-wait") {
        let _leaving = Leaving;
        WAITING.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
    }
    if request.headers().get("accept").is_some_and(|kind| kind == "text/event-stream") {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"data: 1\n\n"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        return ([("content-type", "text/event-stream")], body).into_response();
    }
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    headers.join("\n").into_response()
}

/// A raw connection on which this person asks with these headers, as far as what they wait for.
async fn opened(house: &House, anna: &Person, headers: &str, wanted: &str) -> (TcpStream, String) {
    let mut line = TcpStream::connect(house.address).await.unwrap();
    let request = format!(
        "GET /api/v1/tasks HTTP/1.1\r\nhost: house.example\r\nauthorization: Bearer {}\r\n{headers}\r\n",
        anna.token
    );
    line.write_all(request.as_bytes()).await.unwrap();
    let heard = heard(&mut line, wanted).await;
    (line, heard)
}

/// Reads until this has come.
async fn heard(line: &mut TcpStream, wanted: &str) -> String {
    let mut all = String::new();
    while !all.contains(wanted) {
        let mut some = [0; 1024];
        let read =
            tokio::time::timeout(Duration::from_secs(10), line.read(&mut some)).await.unwrap().unwrap();
        assert_ne!(read, 0, "it ended with {all:?}");
        all.push_str(std::str::from_utf8(&some[..read]).unwrap());
    }
    all
}

/// Reads to the end and says how long that took.
async fn ends(line: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    // A connection that is cut may also be reset.
    let _ = tokio::time::timeout(Duration::from_secs(10), line.read_to_end(&mut rest))
        .await
        .expect("it never ends");
    began.elapsed()
}

const SSE: &str = "accept: text/event-stream\r\nconnection: close\r\n";
const WEBSOCKET: &str = "connection: keep-alive, Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_service_come_through_until_the_session_ends() {
    let house = House::before(service().await).await;
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let (mut hers, head) = opened(&house, &anna, SSE, "data: 1").await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/event-stream"), "{head}");
    let (mut his, _) = opened(&house, &boris, SSE, "data: 1").await;
    anna.post("/logout", json!({})).await.is(200);
    let took = ends(&mut hers).await;
    assert!(took < A_SECOND, "{took:?}");
    let more = tokio::time::timeout(Duration::from_millis(200), his.read_u8()).await;
    assert!(more.is_err(), "his goes on: {more:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_to_a_service_goes_both_ways_until_the_session_ends() {
    // It is HTTP/1.1 in either case.
    for http2 in ["no", "yes"] {
        a_websocket_goes_through(
            House::before_with(service().await, &[("DAYBOOK_GATEWAY_HTTP2", http2)]).await,
        )
        .await;
    }
}

async fn a_websocket_goes_through(house: House) {
    let (anna, boris) = (house.user("anna").await, house.user("boris").await);
    let (mut hers, head) = opened(&house, &anna, WEBSOCKET, "\r\n\r\n").await;
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 ") && head.contains("sec-websocket-accept: yes"), "{head}");
    assert!(head.contains("upgrade: websocket"), "{head}");
    let (mut his, _) = opened(&house, &boris, WEBSOCKET, "\r\n\r\n").await;
    for word in ["one\nand\n\n", "two\n"] {
        for line in [&mut hers, &mut his] {
            line.write_all(word.as_bytes()).await.unwrap();
            assert_eq!(heard(line, word).await, word);
        }
    }
    anna.post("/logout", json!({})).await.is(200);
    let took = ends(&mut hers).await;
    assert!(took < A_SECOND, "{took:?}");
    his.write_all(b"three").await.unwrap();
    heard(&mut his, "three").await;
}

/// A service that spoke another protocol would be past the gateway.
#[tokio::test(flavor = "multi_thread")]
async fn no_other_protocol_is_passed_on() {
    let house = House::before(service().await).await;
    let anna = house.user("anna").await;
    for headers in [
        "connection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
        "connection: close\r\nupgrade: websocket\r\n",
        "connection: close\r\nupgrade: h2c\r\n",
    ] {
        let (_, said) = opened(&house, &anna, headers, "x-request-id: ").await;
        assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_who_called_us_what_and_from_where_by_us_alone() {
    let house = House::before(service().await).await;
    let anna = house.user("anna").await;
    let lies = "x-forwarded-for: 1.1.1.1\r\nX_Forwarded_For: 2.2.2.2\r\nx-forwarded-host: evil.example\r\n\
                x-forwarded-proto: https\r\nx-forwarded-port: 1\r\nforwarded: for=3.3.3.3\r\nx-real-ip: 4.4.4.4\r\n\
                x-user-id: 1\r\nconnection: x-secret, close\r\nx-secret: 1\r\nte: trailers\r\n";
    let (_, said) = opened(&house, &anna, lies, &format!("x-user-id: {}", anna.id)).await;
    let (_, told) = said.split_once("\r\n\r\n").unwrap();
    let told: Vec<&str> =
        told.lines().filter(|line| line.contains("forward") || line.contains("x-")).collect();
    let id = format!("x-user-id: {}", anna.id);
    for line in
        ["x-forwarded-for: 127.0.0.1", "x-forwarded-host: house.example", "x-forwarded-proto: http", &id]
    {
        assert!(told.contains(&line), "{line}: {told:?}");
    }
    for lie in ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4", "evil", "https", "port", "secret", "te: "] {
        assert!(!told.join("\n").contains(lie), "{lie}: {told:?}");
    }
}

/// Waiting and leaving are counted in one place, so this is one story.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_nobody_waits_for_any_more_is_dropped_where_it_is_worked_on() {
    let house = House::before(service().await).await;
    let anna = house.user("anna").await;
    let mut line = TcpStream::connect(house.address).await.unwrap();
    let head = format!(
        "GET /api/v1/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nx-wait: 1\r\n\r\n",
        anna.token
    );
    line.write_all(head.as_bytes()).await.unwrap();
    eventually("it is worked on", async || (WAITING.load(Ordering::Relaxed) == 1).then_some(())).await;
    assert_eq!(LEFT.load(Ordering::Relaxed), 0);
    drop(line);
    eventually("it is dropped", async || (LEFT.load(Ordering::Relaxed) == 1).then_some(())).await;

    let hurried = anna.with("x-wait", "1").with("x-request-timeout", "200");
    for language in ["en", "uk", "ru"] {
        let began = Instant::now();
        let late = hurried.with("accept-language", language).get("/api/v1/tasks").await;
        late.problem(504, "service_unavailable");
        assert!(began.elapsed() >= Duration::from_millis(200) && began.elapsed() < Duration::from_secs(10));
    }
    eventually("all are dropped", async || (LEFT.load(Ordering::Relaxed) == 4).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_for_how_long_somebody_waits() {
    let house = House::before(service().await).await;
    let anna = house.user("anna").await;
    let told = async |client: &Client| {
        let text = client.get("/api/v1/tasks").await.text();
        let line = text.lines().find_map(|line| line.strip_prefix("x-request-timeout: "));
        line.map(|millis| millis.parse::<u64>().unwrap())
    };
    assert_eq!(told(&anna).await, None, "it hears of it by losing the connection");
    let less = told(&anna.with("x-request-timeout", "5000")).await.unwrap();
    assert!((1_000..=5_000).contains(&less), "{less}");
    for nonsense in ["60000", "99999999", "-1", "x", "99999999999999999999", ""] {
        assert_eq!(told(&anna.with("x-request-timeout", nonsense)).await, None, "{nonsense:?}");
    }
}
