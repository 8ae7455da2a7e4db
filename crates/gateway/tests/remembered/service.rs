//! A service that has one number, says it to everybody who asks, and adds one with each write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::Failure;
use api::edge::Asked;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::Semaphore;
use types::Error;

/// What happened at the service, and what it waits for.
pub struct Service {
    /// Reads that arrived.
    pub reads: AtomicUsize,
    /// Reads that were given up.
    pub left: AtomicUsize,
    /// Writes that were done.
    pub number: AtomicUsize,
    /// Those who say `x-wait` wait here, reads after they have looked at the number, and writes after they have changed it.
    pub gate: Semaphore,
}

impl Default for Service {
    fn default() -> Self {
        let gate = Semaphore::new(0);
        Self { reads: AtomicUsize::new(0), left: AtomicUsize::new(0), number: AtomicUsize::new(0), gate }
    }
}

/// Its routes.
pub fn routes(service: Arc<Service>) -> Router {
    let both = || get(read).post(write);
    let routes = Router::new().route("/things", both()).route("/others", both()).route("/home", get(read));
    routes.route("/accounts/{id}/role", axum::routing::put(write)).with_state(service)
}

impl Service {
    async fn wait(&self, headers: HeaderMap) {
        if headers.contains_key("x-wait") {
            self.gate.acquire().await.unwrap().forget();
        }
    }
}

struct Leaving<'s>(&'s Service, bool);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.left.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn read(State(service): State<Arc<Service>>, request: Request) -> Response {
    let number = service.number.load(Ordering::SeqCst);
    let is_first = service.reads.fetch_add(1, Ordering::SeqCst) == 0;
    let mut leaving = Leaving(&service, false);
    service.wait(request.headers().clone()).await;
    leaving.1 = true;
    let json = [("content-type", "application/json"), ("link", "</more>; rel=\"next\"")];
    let with = |name, value| (json, [(name, value)], number.to_string()).into_response();
    match request.uri().query() {
        Some("cookie") => with("set-cookie", "a=b"),
        Some("token") => with("new-access-token", "eyJ"),
        Some("no-store") => with("cache-control", "no-store"),
        Some("vary") => with("vary", "accept-language"),
        Some("tagged") => with("etag", "\"own\""),
        Some("large") => vec![b'x'; (256 << 10) + 1].into_response(),
        Some("stream") => {
            Body::from_stream(stream::iter([Ok::<_, Error>(Bytes::from_static(b"data"))])).into_response()
        }
        Some("missing") => (StatusCode::NOT_FOUND, "written in somebody's language").into_response(),
        Some("broken") => (StatusCode::BAD_GATEWAY, "written in somebody's language").into_response(),
        Some("failed") => Failure::from(Error::unavailable("it is away")).into_response(),
        Some("panic") if is_first => panic!("the first read panicked, as this test wants it"),
        Some("deadline") => {
            let asked = Asked::of(request.extensions());
            asked.is_some_and(|asked| asked.deadline.is_some()).to_string().into_response()
        }
        _ => (json, number.to_string()).into_response(),
    }
}

async fn write(State(service): State<Arc<Service>>, request: Request) -> Response {
    let number = 1 + service.number.fetch_add(1, Ordering::SeqCst);
    service.wait(request.headers().clone()).await;
    match request.uri().query() {
        Some("broken") => Failure::from(Error::unavailable("nobody knows")).into_response(),
        Some("panic") => panic!("a write panicked, as this test wants it"),
        Some("refused") => StatusCode::CONFLICT.into_response(),
        _ => (StatusCode::CREATED, number.to_string()).into_response(),
    }
}
