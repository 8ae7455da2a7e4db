//! A service elsewhere, from the gateway's side.

mod failing;
mod leaving;
mod raw;
mod uploads;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::stop::{Stop, Trigger};
use axum::Router;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::*;

/// Long enough for a busy machine, and for what must not happen to happen.
const LONG: Duration = Duration::from_secs(20);

/// The service `tasks` at this address.
struct There {
    upstream: Upstream,
    metrics: Metrics,
}

impl There {
    fn at(address: SocketAddr) -> Self {
        Self::with(address, false, Duration::from_secs(10))
    }

    fn with(address: SocketAddr, http2: bool, slow: Duration) -> Self {
        let metrics = Metrics::new();
        let needs = Needs { metrics: &metrics, http2, slow, seed: 7 };
        let upstream = Upstream::new("tasks", &format!("http://{address}"), &needs).unwrap();
        Self { upstream, metrics }
    }

    async fn ask(&self, method: &str, path: &str) -> StatusCode {
        self.upstream.send(request(method, path, "")).await.status()
    }

    /// A number that operators see, by its name without `daybook_`.
    async fn number(&self, name: &str) -> u64 {
        let numbers = serde_json::to_value(self.metrics.snapshot().await).unwrap();
        let found = ["gauges", "counters"].into_iter().find_map(|kind| numbers[kind][name].as_u64());
        found.unwrap_or_else(|| panic!("no {name} in {numbers}"))
    }

    async fn becomes(&self, phase: Phase) {
        eventually(async || self.upstream.inner.breaker.phase() == phase).await;
        assert_eq!(self.number(r#"breaker_state{service="tasks"}"#).await, phase as u64);
    }
}

fn request(method: &str, path: &str, body: &'static str) -> Request {
    Request::builder().method(method).uri(path).body(Body::from(body)).unwrap()
}

async fn eventually(is_so: impl AsyncFn() -> bool) {
    let looking = async {
        while !is_so().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, looking).await.expect("this never happened");
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Serves these routes until the trigger is pulled.
fn serve(listener: TcpListener, routes: Router) -> Trigger {
    let (stop, trigger) = Stop::manual();
    let listener = listener.into_std().unwrap();
    tokio::spawn(api::serve::run([listener], routes, api::serve::Limits::default(), stop, None));
    trigger
}

async fn text(answer: Response) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
