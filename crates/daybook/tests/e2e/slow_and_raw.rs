//! What only a raw connection can send.

use std::time::Duration;

use serde_json::Value;
use testkit::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::house::House;

/// The status of an answer as it came over the wire, and its body.
#[track_caller]
fn answer(text: &str) -> (u16, &str) {
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let (_, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    (status.unwrap_or_else(|| panic!("no answer: {text:?}")), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_and_the_house_goes_on() {
    let house = House::new().await;
    for garbage in [
        "garbage\r\n\r\n",
        "GET\r\n\r\n",
        "GET /health\r\n\r\n",
        "GET /health HTTP/9.9\r\n\r\n",
        "GET /he alth HTTP/1.1\r\nhost: x\r\n\r\n",
        "G\0T /health HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nbad header\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\n\u{1}: y\r\n\r\n",
        "POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        "POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        "POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    ] {
        let said = house.raw(garbage).await;
        assert_eq!(answer(&said).0, 400, "{garbage:?}: {said}");
    }
    house.get("/health").await.is(200);
    assert_eq!(house.rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_a_path_that_is_not_there() {
    let house = House::new().await;
    for path in [&b"/\xff\xfe"[..], b"/api/v1/tasks/\xd0", b"/%C3%28"] {
        let request = [b"GET ", path, b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"].concat();
        let said = house.raw(request).await;
        assert!(matches!(answer(&said).0, 400 | 401 | 404), "{said}");
    }
}

/// Two lengths are how requests are smuggled past a gateway: the second request must never be served as one.
#[tokio::test(flavor = "multi_thread")]
async fn a_length_and_chunks_at_once_smuggle_nothing() {
    let house = House::new().await;
    let inner = "POST /signup HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    for codings in ["chunked", "Chunked", "chunked, identity", "x, chunked", "identity"] {
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
             transfer-encoding: {codings}\r\n\r\n0\r\n\r\n{inner}",
            inner.len() + 5
        );
        let said = house.raw(request).await;
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{codings}: {said}");
        assert!((400..500).contains(&answer(&said).0), "{codings}: {said}");
    }
    assert_eq!(house.rows().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_are_none_are_refused() {
    let house = House::new().await;
    let request = |body: &str| {
        format!(
            "POST /login HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{body}"
        )
    };
    for body in ["zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n", "ffffffffffffffffff\r\n{}"] {
        let said = house.raw(request(body)).await;
        assert_eq!(answer(&said).0, 400, "{body:?}: {said}");
    }
    let said = house.raw(request("2\r\n{}\r\n0\r\n\r\n")).await;
    assert_eq!(answer(&said).0, 422, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_takes_too_long_is_408() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_BODY_TIMEOUT", "50ms")]).await;
    for language in ["en", "uk", "ru"] {
        let head = format!(
            "POST /signup HTTP/1.1\r\nhost: x\r\nconnection: close\r\naccept-language: {language}\r\n\
             content-length: 100\r\n\r\n{{\"email\":"
        );
        let mut slow = TcpStream::connect(house.address).await.unwrap();
        slow.write_all(head.as_bytes()).await.unwrap();
        let mut said = String::new();
        tokio::time::timeout(Duration::from_secs(20), slow.read_to_string(&mut said)).await.unwrap().unwrap();
        let (status, body) = answer(&said);
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!((status, &problem["type"]), (408, &"urn:daybook:problem:body_too_slow".into()), "{said}");
        assert_eq!(problem["title"].as_str().unwrap().is_ascii(), language == "en");
    }
    assert_eq!(house.rows().await, 0);
}

/// The connection is cut without an answer: nobody can tell which request it was.
#[tokio::test(flavor = "multi_thread")]
async fn headers_that_take_too_long_are_cut_off() {
    let house = House::with(Engine::Embedded, &[("DAYBOOK_LIMITS_HEADER_TIMEOUT", "100ms")]).await;
    let mut slow = TcpStream::connect(house.address).await.unwrap();
    slow.write_all(b"GET /health HTTP/1.1\r\nhost:").await.unwrap();
    let mut said = String::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), slow.read_to_string(&mut said)).await;
    assert_eq!(ended.unwrap().unwrap_or(0), 0, "{said}");
    house.get("/health").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_in_the_middle_writes_nothing() {
    let house = House::new().await;
    let head =
        "POST /signup HTTP/1.1\r\nhost: x\r\ncontent-length: 70\r\n\r\n{\"email\": \"anna@example.org\",";
    for _ in 0..5 {
        let mut leaving = TcpStream::connect(house.address).await.unwrap();
        leaving.write_all(head.as_bytes()).await.unwrap();
    }
    house.get("/health").await.is(200);
    assert_eq!(house.rows().await, 0);
}
