//! Answers that go on for as long as somebody listens.

use std::io;

use axum::http::header::CONTENT_TYPE;
use tokio::sync::mpsc;

use super::*;

/// What a stream says next.
type Said = mpsc::Sender<io::Result<String>>;

/// A server of streams that say what they are given.
struct Streams {
    address: SocketAddr,
    trigger: Trigger,
    ended: JoinHandle<Result<(), String>>,
    begun: mpsc::UnboundedReceiver<Said>,
}

fn streams(limits: Limits) -> Streams {
    let (tell, begun) = mpsc::unbounded_channel();
    let events = move || async move {
        let (said, hears) = mpsc::channel(1);
        tell.send(said).unwrap();
        let body = Body::from_stream(stream::unfold(hears, |mut hears| async {
            Some((hears.recv().await?, hears))
        }));
        ([(CONTENT_TYPE, "text/event-stream")], body)
    };
    let app = Router::new().route("/events", get(events)).route("/quick", get(|| async { "quick" }));
    let listeners = listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listeners[0].local_addr().unwrap();
    let (stop, trigger) = Stop::manual();
    let ended = tokio::spawn(run(listeners, app, limits, stop, None));
    Streams { address, trigger, ended, begun }
}

impl Streams {
    async fn send(&self, bytes: &str) -> TcpStream {
        let mut client = TcpStream::connect(self.address).await.unwrap();
        client.write_all(bytes.as_bytes()).await.unwrap();
        client
    }

    /// Begins a stream: its client, the head of its answer, and where it is told what to say.
    async fn begin(&mut self, request: &str) -> (TcpStream, String, Said) {
        let mut client = self.send(request).await;
        let head = head(&mut client).await;
        (client, head, self.begun.recv().await.unwrap())
    }

    async fn stop(self) {
        self.trigger.pull();
        soon(self.ended).await.unwrap().unwrap();
    }
}

const LISTEN: &str = "GET /events HTTP/1.1\r\nhost: x\r\n\r\n";

async fn soon<F: Future>(what: F) -> F::Output {
    timeout(Duration::from_secs(20), what).await.unwrap()
}

async fn head(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(client.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn hear(client: &mut TcpStream, expected: &str) {
    let mut heard = vec![0; expected.len()];
    soon(client.read_exact(&mut heard)).await.unwrap();
    assert_eq!(String::from_utf8(heard).unwrap(), expected);
}

async fn say(said: &Said, what: &str) {
    soon(said.send(Ok(what.to_owned()))).await.unwrap();
}

#[tokio::test]
async fn what_a_stream_says_arrives_as_it_is_said_and_so_does_its_end() {
    let mut streams = streams(Limits::default());
    let (mut client, head, said) = streams.begin(LISTEN).await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\ntransfer-encoding: chunked\r\n"), "{head}");
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    for _ in 0..3 {
        say(&said, "").await;
        say(&said, "data: something\n\n").await;
        hear(&mut client, "11\r\ndata: something\n\n\r\n").await;
    }
    drop(said);
    assert_eq!(soon(rest(&mut client)).await, "0\r\n\r\n");
    streams.stop().await;
}

#[tokio::test]
async fn a_stream_that_fails_has_no_end() {
    let mut streams = streams(Limits::default());
    let (mut client, _, said) = streams.begin(LISTEN).await;
    soon(said.send(Err(io::Error::other("no more")))).await.unwrap();
    assert_eq!(soon(rest(&mut client)).await, "");
    streams.stop().await;
}

#[tokio::test]
async fn a_stream_ends_when_its_client_leaves() {
    let mut streams = streams(Limits::default());
    let (client, _, said) = streams.begin(LISTEN).await;
    drop(client);
    soon(said.closed()).await;

    let client = streams.send(LISTEN).await;
    let said = streams.begun.recv().await.unwrap();
    drop(client);
    soon(said.closed()).await;
    streams.stop().await;
}

#[tokio::test]
async fn what_a_client_asks_behind_a_stream_is_not_answered() {
    let mut streams = streams(Limits::default());
    let both = format!("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n{LISTEN}{LISTEN}");
    let mut client = streams.send(&both).await;
    head(&mut client).await;
    hear(&mut client, "quick").await;
    head(&mut client).await;
    let said = streams.begun.recv().await.unwrap();
    client.write_all(LISTEN.as_bytes()).await.unwrap();
    say(&said, "one").await;
    hear(&mut client, "3\r\none\r\n").await;
    drop(said);
    hear(&mut client, "0\r\n\r\n").await;
    assert_eq!(soon(rest(&mut client)).await, "");
    assert!(streams.begun.try_recv().is_err());
    streams.stop().await;
}

#[tokio::test]
async fn a_silent_stream_stays_and_one_that_its_client_does_not_take_is_cut_off() {
    let mut streams = streams(quick());
    let (mut client, _, silent) = streams.begin(LISTEN).await;
    let (_deaf, _, said) = streams.begin(LISTEN).await;
    let much = "x".repeat(64 * 1024);
    soon(async { while said.send(Ok(much.clone())).await.is_ok() {} }).await;
    let mut idle = streams.send("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(soon(rest(&mut idle)).await.ends_with("quick"), "and is closed after that");
    say(&silent, "one").await;
    hear(&mut client, "3\r\none\r\n").await;
    drop(silent);
    streams.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_end_of_a_stream_no_longer_than_for_other_answers() {
    let mut waiting = streams(Limits::default());
    let (mut client, _, said) = waiting.begin(LISTEN).await;
    let mut idle = waiting.send("").await;
    waiting.trigger.pull();
    assert_eq!(soon(rest(&mut idle)).await, "", "the stop has begun");
    say(&said, "last").await;
    drop(said);
    assert_eq!(soon(rest(&mut client)).await, "4\r\nlast\r\n0\r\n\r\n");
    waiting.stop().await;

    let mut cut = streams(Limits { grace: Duration::from_millis(50), ..Limits::default() });
    let (mut client, _, said) = cut.begin(LISTEN).await;
    cut.stop().await;
    assert_eq!(soon(rest(&mut client)).await, "");
    soon(said.closed()).await;
}

#[tokio::test]
async fn a_client_of_the_old_protocol_hears_it_without_chunks() {
    let mut streams = streams(Limits::default());
    let (mut client, head, said) = streams.begin("GET /events HTTP/1.0\r\n\r\n").await;
    assert!(!head.contains("transfer-encoding"), "{head}");
    say(&said, "one").await;
    hear(&mut client, "one").await;
    drop(said);
    assert_eq!(soon(rest(&mut client)).await, "");
    streams.stop().await;
}

#[tokio::test]
async fn a_connection_stays_where_only_the_head_or_a_body_was_sent() {
    let mut streams = streams(Limits::default());
    let (mut client, first, said) = streams.begin(&LISTEN.replace("GET", "HEAD")).await;
    assert!(first.starts_with("HTTP/1.1 200") && !first.contains("connection: close"), "{first}");
    soon(said.closed()).await;
    let with_body = "GET /events HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
    client.write_all(with_body.as_bytes()).await.unwrap();
    head(&mut client).await;
    let said = streams.begun.recv().await.unwrap();
    say(&said, "one").await;
    hear(&mut client, "3\r\none\r\n").await;
    drop(said);
    hear(&mut client, "0\r\n\r\n").await;
    client.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    head(&mut client).await;
    hear(&mut client, "quick").await;
    streams.stop().await;
}
