//! Services that speak HTTP/1.1 in every way they may, and in some that they may not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::*;

/// How a service writes its answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    Whole,
    ByteByByte,
}

/// A service that answers each request with these bytes, and closes the connection afterwards if it says so.
pub struct Scripted {
    pub there: There,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    pub async fn with(answer: impl Into<Vec<u8>>, closes: bool, pace: Pace) -> Self {
        let (listener, address) = listener().await;
        let connections = Arc::new(AtomicUsize::new(0));
        let (answer, seen) = (Arc::new(answer.into()), connections.clone());
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                seen.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(speak(line, answer.clone(), closes, pace));
            }
        });
        Self { there: There::at(address), connections }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    async fn ask(&self, method: &str) -> (StatusCode, Result<String, axum::Error>) {
        let answer = timeout(LONG, self.there.upstream.send(request(method, "/tasks", ""))).await.unwrap();
        let status = answer.status();
        let body = timeout(LONG, answer.into_body().collect()).await.unwrap();
        (status, body.map(|body| String::from_utf8(body.to_bytes().to_vec()).unwrap()))
    }

    /// Asks twice, and checks what comes of it and over how many connections.
    async fn answers(&self, method: &str, status: u16, body: &str, connections: usize, why: &str) {
        for _ in 0..2 {
            let (answered, said) = self.ask(method).await;
            assert_eq!((answered.as_u16(), said.unwrap().as_str()), (status, body), "{why}");
        }
        assert_eq!(self.connections(), connections, "{why}");
    }
}

async fn speak(mut line: TcpStream, answer: Arc<Vec<u8>>, closes: bool, pace: Pace) {
    line.set_nodelay(true).unwrap();
    while head_of(&mut line).await.is_some() {
        let size = if pace == Pace::Whole { answer.len() } else { 1 };
        for piece in answer.chunks(size) {
            if line.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        if closes {
            return;
        }
    }
}

/// The head of a request.
pub async fn head_of(line: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(line.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

#[tokio::test]
async fn every_way_to_end_an_answer_is_understood_however_slowly_it_comes() {
    let ok = "HTTP/1.1 200 OK\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n";
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    for (method, answer, status, body) in [
        ("GET", format!("{ok}content-length: 5\r\n\r\nhello"), 200, "hello"),
        ("GET", format!("{ok}Content-Length:5\r\nX: \r\n\r\nhello"), 200, "hello"),
        ("GET", format!("{ok}content-length: 0\r\n\r\n"), 200, ""),
        ("GET", format!("{chunked}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), 200, "hello"),
        ("GET", format!("{chunked}005;a=b;c=\"d\"\r\nhello\r\n0 ;e\r\n\r\n"), 200, "hello"),
        ("GET", format!("{chunked}5\r\nhello\r\n0\r\nx-sum: 1\r\nx-b: 2\r\n\r\n"), 200, "hello"),
        ("GET", format!("{early}HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok"), 201, "ok"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n".into(), 204, ""),
        ("GET", "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n".into(), 204, ""),
        ("GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n".into(), 304, ""),
        ("HEAD", format!("{ok}content-length: 9\r\n\r\n"), 200, ""),
        ("HEAD", chunked.into(), 200, ""),
        ("HEAD", format!("{ok}\r\n"), 200, ""),
    ] {
        for pace in [Pace::Whole, Pace::ByteByByte] {
            let service = Scripted::with(answer.as_str(), false, pace).await;
            service.answers(method, status, body, 1, &answer).await;
        }
    }
}

#[tokio::test]
async fn only_after_an_answer_that_ended_where_it_said_a_connection_is_used_again() {
    let ok = "HTTP/1.1 200 OK\r\n";
    let two = format!("{ok}content-length: 2\r\n\r\nok");
    let two_chunked = format!("{ok}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    for (method, answer, status, body) in [
        ("GET", format!("{ok}connection: x, Close\r\ncontent-length: 2\r\n\r\nok"), 200, "ok"),
        ("GET", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok".into(), 200, "ok"),
        ("GET", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n".into(), 204, ""),
        ("GET", "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n".into(), 204, ""),
        ("GET", format!("{two}\n"), 200, "ok"),
        ("GET", format!("{two}{ok}content-length: 6\r\n\r\nforged"), 200, "ok"),
        ("GET", format!("{two_chunked}{two}"), 200, "ok"),
        ("HEAD", format!("{ok}content-length: 4\r\n\r\nbody"), 200, ""),
        ("GET", "HTTP/1.1 304 Not Modified\r\n\r\nbody".into(), 304, ""),
    ] {
        let service = Scripted::with(answer.as_str(), false, Pace::Whole).await;
        service.answers(method, status, body, 2, &answer).await;
    }
    for pace in [Pace::Whole, Pace::ByteByByte] {
        for answer in ["HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello"] {
            let service = Scripted::with(answer, true, pace).await;
            service.answers("GET", 200, "hello", 2, "until it closes").await;
        }
    }
}

/// Asks twice for each of these answers.
async fn are_refused(answers: impl IntoIterator<Item = String>) {
    for answer in answers {
        let service = Scripted::with(answer.as_str(), false, Pace::Whole).await;
        let what = &answer[..answer.len().min(200)];
        for asked in 1..=2 {
            assert_eq!(service.ask("GET").await.0, StatusCode::BAD_GATEWAY, "{what}");
            assert_eq!(service.connections(), asked, "it is not sent again: {what}");
        }
        let failed = service.there.number(r#"upstream_requests{service="tasks",outcome="failed"}"#).await;
        assert_eq!(failed, 2, "{what}");
    }
}

#[tokio::test]
async fn a_head_that_could_be_read_in_two_ways_is_refused_and_its_connection_dropped() {
    let ok = "HTTP/1.1 200 OK\r\n";
    let huge = format!("{ok}x: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(200 << 10));
    let many = format!("{ok}{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(101));
    are_refused([
        format!("{ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        format!("{ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!"),
        format!("{ok}content-length: 5\r\ncontent-length: 5\r\n\r\nhello"),
        format!("{ok}content-length: 5, 5\r\n\r\nhello"),
        format!("{ok}content-length: +5\r\n\r\nhello"),
        format!("{ok}content-length:\r\n\r\nhello"),
        format!("{ok}content-length: 99999999999999999999\r\n\r\nhello"),
        format!("{ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{ok}transfer-encoding: identity\r\n\r\n"),
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into(),
        format!("{ok}x: 1\r\n folded: 2\r\ncontent-length: 0\r\n\r\n"),
        format!("{ok}content-length : 0\r\n\r\n"),
        format!("{ok}x: a\rb\r\ncontent-length: 0\r\n\r\n"),
        format!("{ok}x: a\ncontent-length: 0\r\n\r\n"),
        format!("{ok}content-length: 0\r\n\n"),
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n".into(),
        "HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n".into(),
        "HTTP/1.1 2000 OK\r\n\r\n".into(),
        "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n".into(),
        format!("\r\n{ok}content-length: 0\r\n\r\n"),
        "garbage\r\n\r\n".into(),
        huge,
        many,
    ])
    .await;
}

#[tokio::test]
async fn chunks_that_could_be_read_in_two_ways_are_refused_and_their_connection_dropped() {
    let ok = "HTTP/1.1 200 OK\r\n";
    are_refused([
        format!("{ok}transfer-encoding: chunked\r\n\r\nx\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n-1\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n10000000000000000\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n2;\nok\r\n0\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(20 << 10)),
        format!("{ok}transfer-encoding: chunked\r\n\r\n0\r\nnone\r\n\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n0\r\na: b\r\n folded\r\n\r\n"),
    ])
    .await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_never_taken_for_a_whole_one() {
    let ok = "HTTP/1.1 200 OK\r\n";
    for answer in [
        format!("{ok}content-length: 9\r\n\r\nhello"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n9\r\nhello"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nhello"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
        format!("{ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n"),
    ] {
        for pace in [Pace::Whole, Pace::ByteByByte] {
            let service = Scripted::with(answer.as_str(), true, pace).await;
            let (status, body) = service.ask("GET").await;
            assert_eq!(status, StatusCode::OK);
            assert!(body.is_err(), "{answer}: {body:?}");
        }
    }
    for answer in [format!("{ok}content-le"), "HTTP".into(), String::new()] {
        let service = Scripted::with(answer.as_str(), true, Pace::ByteByByte).await;
        assert_eq!(service.ask("POST").await.0, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
        assert_eq!(service.connections(), 1);
    }
}

#[tokio::test]
async fn a_chunk_that_goes_wrong_later_ends_the_answer_and_its_connection() {
    let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nwrong\r\n";
    let service = Scripted::with(answer, false, Pace::ByteByByte).await;
    for asked in 1..=2 {
        let (status, body) = service.ask("GET").await;
        assert!(status == StatusCode::OK && body.is_err(), "{body:?}");
        assert_eq!(service.connections(), asked);
    }
}

/// What a service says unasked would be taken for the answer to the next question.
#[tokio::test]
async fn a_connection_on_which_a_service_spoke_unasked_is_not_used_again() {
    let (listener, address) = listener().await;
    let (say, said) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (asked_to, done) = (say.clone(), said.clone());
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            head_of(&mut line).await;
            line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nown").await.unwrap();
            asked_to.notified().await;
            line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged").await.unwrap();
            done.notify_one();
            // It stays open for as long as the other side likes.
            tokio::spawn(async move { line.read_u8().await });
        }
    });
    let there = There::at(address);
    for _ in 0..20 {
        assert_eq!(text(there.upstream.send(request("GET", "/tasks", "")).await).await, "own");
        say.notify_one();
        said.notified().await;
    }
}

#[tokio::test]
async fn a_long_answer_comes_through_as_it_is() {
    let body: Vec<u8> = (0..3 << 20).map(|at: u32| (at % 251) as u8).collect();
    let mut plain = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    plain.extend_from_slice(&body);
    let mut chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in body.chunks(70_001) {
        chunked.extend_from_slice(format!("{:X}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    for answer in [plain, chunked] {
        let service = Scripted::with(answer, false, Pace::Whole).await;
        for _ in 0..2 {
            let answer = service.there.upstream.send(request("GET", "/tasks", "")).await;
            assert!(answer.into_body().collect().await.unwrap().to_bytes() == body);
        }
        assert_eq!(service.connections(), 1);
    }
}

#[tokio::test]
async fn trailers_are_passed_on_with_the_body() {
    let answer =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\nx-sum: 2\r\n\r\n";
    for pace in [Pace::Whole, Pace::ByteByByte] {
        let service = Scripted::with(answer, false, pace).await;
        let answer = service.there.upstream.send(request("GET", "/tasks", "")).await;
        let body = answer.into_body().collect().await.unwrap();
        assert_eq!(body.trailers().unwrap().get_all("x-sum").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(body.to_bytes(), "ok");
    }
}

#[tokio::test]
async fn whoever_leaves_in_the_middle_of_an_answer_takes_its_connection_along() {
    let (listener, address) = listener().await;
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        head_of(&mut line).await;
        line.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await.unwrap();
        tell.send(line.read_u8().await.is_err()).unwrap();
    });
    let answer = There::at(address).upstream.send(request("GET", "/tasks", "")).await;
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "hello");
    drop(body);
    assert!(timeout(LONG, told).await.unwrap().unwrap(), "the service sees it close");
}
