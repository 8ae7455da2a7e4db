//! Serving, over real sockets.

mod streams;

use std::{convert::Infallible, env, fs, process, sync::Mutex};

use axum::{body::Body, extract::Extension, http::HeaderMap, routing::get};
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    sync::Semaphore,
    task::JoinHandle,
};

use super::*;
use crate::stop::Trigger;

/// A server with quick limits, and a handler that waits until it is let.
struct Served {
    address: SocketAddr,
    trigger: Trigger,
    ended: JoinHandle<Result<(), String>>,
    arrived: Arc<Semaphore>,
    let_go: Arc<Semaphore>,
}

fn quick() -> Limits {
    let limit = Duration::from_millis(100);
    Limits { head: limit, idle: limit * 3, stall: limit, grace: Duration::from_secs(20) }
}

fn serve_with(limits: Limits) -> Served {
    let (arrived, let_go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (tell, wait) = (Arc::clone(&arrived), Arc::clone(&let_go));
    let slow = move || async move {
        tell.add_permits(1);
        wait.acquire().await.map(|_| "done").unwrap_or_default()
    };
    let endless = || async { Body::from_stream(stream::repeat(Ok::<_, Infallible>("x".repeat(64 * 1024)))) };
    let app = Router::new()
        .route("/slow", get(slow))
        .route("/endless", get(endless))
        .route("/quick", get(|| async { "quick" }))
        .route("/peer", get(|Extension(peer): Extension<Peer>| async move { peer.0.to_string() }))
        .route("/headers", get(|headers: HeaderMap| async move { headers.len().to_string() }));
    let listeners = listen(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listeners[0].local_addr().unwrap();
    let (stop, trigger) = Stop::manual();
    let ended = tokio::spawn(run(listeners, app, limits, stop, None));
    Served { address, trigger, ended, arrived, let_go }
}

impl Served {
    async fn send(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(&self, path: &str, headers: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        rest(&mut self.send(&request).await).await
    }

    async fn stop(self) {
        self.trigger.pull();
        self.ended.await.unwrap().unwrap();
    }
}

/// Everything until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

#[tokio::test]
async fn a_stop_lets_the_slow_request_finish_and_takes_no_new_connection() {
    let served = serve_with(Limits::default());
    let mut slow = served.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut idle = served.send("").await;
    let _ = served.arrived.acquire().await.unwrap();
    served.trigger.pull();
    assert_eq!(rest(&mut idle).await, "", "idle connections are closed, which shows that the stop has begun");
    assert!(TcpStream::connect(served.address).await.is_err());
    assert!(!served.ended.is_finished());
    served.let_go.add_permits(1);
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn requests_that_outlast_the_grace_are_cut_off() {
    let served = serve_with(Limits { grace: Duration::from_millis(50), ..Limits::default() });
    let mut slow = served.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let _ = served.arrived.acquire().await.unwrap();
    served.stop().await;
    assert_eq!(rest(&mut slow).await, "");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let served = serve_with(quick());
    let mut silent = served.send("").await;
    let mut slow = served.send("GET /quick HTTP/1.1\r\nhost:").await;
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(rest(&mut slow).await, "");
    served.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_but_a_busy_one_is_not() {
    let served = serve_with(quick());
    let mut busy = served.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut idle = served.send("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let answer = rest(&mut idle).await;
    assert!(answer.ends_with("quick"), "{answer}");
    served.let_go.add_permits(1);
    let answer = rest(&mut busy).await;
    assert!(answer.ends_with("done"), "{answer}");
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let served = serve_with(quick());
    let stream = served.send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    stream.readable().await.unwrap();
    // The stop ends only when the connection has; the grace is far longer than the limit.
    served.trigger.pull();
    let ended = timeout(Duration::from_secs(10), served.ended).await;
    assert!(matches!(ended, Ok(Ok(Ok(())))), "{ended:?}");
}

#[tokio::test]
async fn large_heads_reach_the_application() {
    let served = serve_with(Limits::default());
    let headers: Vec<_> = (0..200).map(|n| format!("x-{n}: {}\r\n", "v".repeat(300))).collect();
    let answer = served.ask("/headers", &headers.concat()).await;
    assert!(answer.ends_with("\r\n\r\n202"), "{answer}");
    let answer = served.ask("/headers", &format!("x: {}\r\n", "v".repeat(200 * 1024))).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    served.stop().await;
}

#[tokio::test]
async fn a_handler_knows_who_asks() {
    let served = serve_with(Limits::default());
    let stream = TcpStream::connect(served.address).await.unwrap();
    let own = stream.local_addr().unwrap().to_string();
    let mut stream = stream;
    stream.write_all(b"GET /peer HTTP/1.0\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.ends_with(&own));
    served.stop().await;
}

#[tokio::test]
async fn a_unix_socket_is_served_too() {
    let path = env::temp_dir().join(format!("daybook-serve-{}.sock", process::id()));
    let listener = listen_unix(&path).unwrap();
    let app = Router::new()
        .route("/peer", get(|Extension(peer): Extension<Peer>| async move { peer.0.to_string() }));
    let (stop, trigger) = Stop::manual();
    let ended = tokio::spawn(run([listener], app, Limits::default(), stop, None));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /peer HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("127.0.0.1:0"), "{answer}");
    trigger.pull();
    ended.await.unwrap().unwrap();
    fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn connections_are_counted_down_to_none() {
    let keeper = Arc::new(Keeper::new(Limits::default()));
    let places = Mutex::new(vec![keeper.admit(), keeper.admit()]);
    assert_eq!(keeper.count(), 2);
    tokio::join!(keeper.empty(), async { places.lock().unwrap().clear() });
    assert_eq!(keeper.count(), 0);
}
