//! Clients that leave, and the way of a request over either version of HTTP.

use axum::routing::{any, get};
use tokio::sync::Notify;

use super::*;

/// A service in which everything waits for a bell: how many came, how many were dropped, how many came to their end.
#[derive(Clone, Default)]
struct Waiting {
    inner: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    came: AtomicUsize,
    dropped: AtomicUsize,
    done: AtomicUsize,
    bell: Notify,
}

struct Leaving<'s>(&'s Seen);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl Waiting {
    async fn answer(self) {
        let seen = &*self.inner;
        let leaving = Leaving(seen);
        seen.came.fetch_add(1, Ordering::Relaxed);
        seen.bell.notified().await;
        seen.done.fetch_add(1, Ordering::Relaxed);
        std::mem::forget(leaving);
    }

    fn routes(&self) -> Router {
        let waiting = self.clone();
        Router::new().route("/tasks", any(move || waiting.clone().answer()))
    }

    async fn counts(&self, came: usize, dropped: usize, done: usize) {
        let all = [&self.inner.came, &self.inner.dropped, &self.inner.done];
        eventually(async || all.map(|count| count.load(Ordering::Relaxed)) == [came, dropped, done]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_dropped_with_its_client_and_a_write_comes_to_its_end() {
    for http2 in [false, true] {
        let (listener, address) = listener().await;
        let waiting = Waiting::default();
        let _serving = serve(listener, waiting.routes());
        let there = There::with(address, http2, LONG);
        for (method, counts) in [("GET", (1, 1, 0)), ("HEAD", (2, 2, 0))] {
            let upstream = there.upstream.clone();
            let client =
                tokio::spawn(async move { upstream.send(request(method, "/tasks", "")).await.status() });
            waiting.counts(counts.0, counts.1 - 1, 0).await;
            client.abort();
            waiting.counts(counts.0, counts.1, counts.2).await;
        }
        for (at, method) in ["POST", "PUT", "PATCH", "DELETE"].into_iter().enumerate() {
            let upstream = there.upstream.clone();
            let client =
                tokio::spawn(async move { upstream.send(request(method, "/tasks", "{}")).await.status() });
            waiting.counts(3 + at, 2, at).await;
            client.abort();
            assert!(client.await.unwrap_err().is_cancelled());
            waiting.inner.bell.notify_one();
            waiting.counts(3 + at, 2, at + 1).await;
        }
        there.becomes(Phase::Closed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_share_one_connection_over_http2() {
    let (listener, address) = listener().await;
    let peers = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let seen = peers.clone();
    let echo = move |request: Request| {
        let seen = seen.clone();
        async move {
            seen.lock().unwrap().insert(request.extensions().get::<api::serve::Peer>().unwrap().0);
            sleep(Duration::from_millis(20)).await;
            let named = request.headers().get("x-user-id").is_some();
            let version = format!("{:?} {named} ", request.version());
            let body = request.into_body().collect().await.unwrap().to_bytes();
            version + std::str::from_utf8(&body).unwrap()
        }
    };
    let _serving =
        serve(listener, Router::new().route("/tasks", any(echo)).route("/health", get(|| async {})));
    let there = There::with(address, true, LONG);
    let upstream = &there.upstream;
    assert_eq!(upstream.check().await, Ok(()));
    let one = |at: usize| async move {
        let mut request = request(["GET", "POST"][at % 2], "/tasks", "hello");
        let headers = request.headers_mut();
        for (name, value) in [("x-user-id", "1"), ("connection", "close, x-secret"), ("te", "trailers")] {
            headers.insert(name, value.parse().unwrap());
        }
        text(upstream.send(request).await).await
    };
    let answers = futures_util::future::join_all((0..50).map(one)).await;
    assert!(answers.iter().all(|answer| answer == "HTTP/2.0 false hello"), "{answers:?}");
    assert_eq!(peers.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_leave_room_for_requests_over_http2() {
    let (listener, address) = listener().await;
    let events = || async {
        let pending = futures_util::stream::pending::<Result<axum::body::Bytes, std::convert::Infallible>>();
        ([("content-type", "text/event-stream")], Body::from_stream(pending))
    };
    let routes = Router::new().route("/events", get(events)).route("/tasks", get(|| async {}));
    let _serving = serve(listener, routes);
    let there = There::with(address, true, LONG);
    let mut streams = Vec::new();
    for _ in 0..250 {
        let mut request = request("GET", "/events", "");
        request.headers_mut().insert("accept", "text/event-stream".parse().unwrap());
        streams.push(there.upstream.send(request).await);
    }
    assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
    let answer = timeout(LONG, there.ask("GET", "/tasks")).await;
    assert_eq!(answer.expect("there is room"), StatusCode::OK);
}

#[test]
#[ignore = "a measurement: what a breaker adds to a request should stay well under a microsecond on two threads"]
fn a_closed_breaker_costs_little() {
    const REQUESTS: u32 = 2_000_000;
    let breaker = Breaker::default();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..REQUESTS {
                    let pass = breaker.admit().unwrap();
                    breaker.note(&pass, Verdict::Good, began.elapsed().as_secs());
                }
            });
        }
    });
    println!("{:?} a request", began.elapsed() / REQUESTS);
}
