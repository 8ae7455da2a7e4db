//! Long bodies, on their way to a service while it answers.

use axum::body::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::raw::head_of;
use super::*;

type Piece = Result<Frame<Bytes>, std::io::Error>;

/// A body, and where its pieces are handed in.
fn body() -> (mpsc::UnboundedSender<Piece>, Body) {
    let (give, take) = mpsc::unbounded_channel();
    let pieces = stream::unfold(take, |mut take| async move { Some((take.recv().await?, take)) });
    (give, Body::new(StreamBody::new(pieces)))
}

fn upload(body: Body) -> Request {
    Request::post("/tasks").body(body).unwrap()
}

fn piece(text: &'static str) -> Frame<Bytes> {
    Frame::data(Bytes::from_static(text.as_bytes()))
}

async fn hear(line: &mut TcpStream, wanted: &str) {
    let mut bytes = vec![0; wanted.len()];
    timeout(LONG, line.read_exact(&mut bytes)).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
}

#[tokio::test]
async fn question_and_answer_go_on_side_by_side() {
    let (listener, address) = listener().await;
    let there = There::at(address);
    let service = async {
        let (mut line, _) = listener.accept().await.unwrap();
        let head = head_of(&mut line).await.unwrap();
        assert!(head.contains("\r\ntransfer-encoding: chunked\r\n") && !head.contains("content-length"));
        line.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        for word in ["one", "two", "six"] {
            hear(&mut line, &format!("3\r\n{word}\r\n")).await;
            line.write_all(format!("3\r\n{word}\r\n").as_bytes()).await.unwrap();
        }
        hear(&mut line, "0\r\n\r\n").await;
        line.write_all(b"0\r\n\r\n").await.unwrap();
        // The connection is good for one more.
        assert!(head_of(&mut line).await.unwrap().starts_with("GET "));
        line.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    };
    let client = async {
        let (give, body) = body();
        let mut answer = there.upstream.send(upload(body)).await.into_body();
        for word in ["one", "two", "six"] {
            give.send(Ok(piece(word))).unwrap();
            let echo = timeout(LONG, answer.frame()).await.unwrap().unwrap().unwrap();
            assert_eq!(echo.into_data().unwrap(), word);
        }
        drop(give);
        assert!(timeout(LONG, answer.frame()).await.unwrap().is_none());
        assert_eq!(there.ask("GET", "/tasks").await, StatusCode::NO_CONTENT);
    };
    tokio::join!(service, client);
}

#[tokio::test]
async fn a_body_that_says_how_long_it_is_goes_on_with_that_length() {
    let (listener, address) = listener().await;
    let there = There::at(address);
    let long = vec![b'x'; 200 << 10];
    let service = async {
        let (mut line, _) = listener.accept().await.unwrap();
        for _ in 0..2 {
            let head = head_of(&mut line).await.unwrap();
            assert!(head.contains("\r\ncontent-length: 204800\r\n") && !head.contains("chunked"), "{head}");
            let mut bytes = vec![0; 200 << 10];
            line.read_exact(&mut bytes).await.unwrap();
            assert!(bytes == long);
            line.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
    };
    let client = async {
        for _ in 0..2 {
            let answer = there.upstream.send(upload(Body::from(long.clone()))).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
        }
    };
    tokio::join!(service, client);
}

#[tokio::test]
async fn a_service_may_refuse_a_body_before_all_of_it_is_there() {
    for closes in [false, true] {
        let (listener, address) = listener().await;
        let there = There::at(address);
        let (give, body) = body();
        give.send(Ok(piece("begun"))).unwrap();
        let service = async {
            let (mut line, _) = listener.accept().await.unwrap();
            head_of(&mut line).await.unwrap();
            let refusal = b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\nno";
            line.write_all(refusal).await.unwrap();
            if !closes {
                let mut rest = Vec::new();
                let _ = timeout(LONG, line.read_to_end(&mut rest)).await.expect("it is closed from here");
            }
        };
        let client = async {
            let answer = timeout(LONG, there.upstream.send(upload(body))).await.unwrap();
            assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
            assert_eq!(text(answer).await, "no");
        };
        tokio::join!(service, client);
        assert!(give.send(Ok(piece("more"))).is_err(), "nobody takes the rest");
    }
}

/// Its end would be missing, and the next request taken for it.
#[tokio::test]
async fn a_body_that_breaks_off_never_looks_whole_to_the_service() {
    let (listener, address) = listener().await;
    let there = There::at(address);
    let (give, body) = body();
    give.send(Ok(piece("half"))).unwrap();
    give.send(Err(std::io::Error::other("the client left"))).unwrap();
    let service = async {
        let (mut line, _) = listener.accept().await.unwrap();
        head_of(&mut line).await.unwrap();
        let mut came = String::new();
        let _ = timeout(LONG, line.read_to_string(&mut came)).await.unwrap();
        assert!(came.is_empty() || came == "4\r\nhalf\r\n", "{came}");
    };
    let (answer, ()) = tokio::join!(there.upstream.send(upload(body)), service);
    assert!(answer.status().is_server_error());
    there.becomes(Phase::Closed).await;
}
