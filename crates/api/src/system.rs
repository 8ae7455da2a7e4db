//! The system endpoint, on a port of its own: numbers for Prometheus and for people, and whether the house is well.

mod health;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

pub use self::health::{Check, Status, Verdict};
use crate::metrics::{Metrics, Snapshot, open_metrics};

/// What the system endpoint tells of.
#[derive(Clone, Debug)]
pub struct System {
    /// The numbers of this process.
    pub metrics: Metrics,
    /// What has to work for this process to do its work.
    pub checks: Vec<Check>,
    /// Which service this is.
    pub service: String,
    /// Which version of it.
    pub version: String,
}

/// The routes of the system endpoint.
pub fn router(system: System) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/system", get(numbers))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(Arc::new(system))
}

/// All numbers, as Prometheus reads them.
async fn metrics(State(system): State<Arc<System>>, headers: HeaderMap) -> Response {
    let snapshot = system.metrics.snapshot().await;
    let Ok(text) = open_metrics(snapshot, &system.service, &system.version) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let wanted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    // Browsers download the one and show the other.
    let content_type = if wanted.contains("application/openmetrics-text") {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; version=0.0.4; charset=utf-8"
    };
    ([(CONTENT_TYPE, content_type)], text).into_response()
}

/// All numbers, as JSON.
async fn numbers(State(system): State<Arc<System>>) -> Response {
    let snapshot = system.metrics.snapshot().await;
    let page = Page { service: &system.service, version: &system.version, numbers: &snapshot };
    ([(CACHE_CONTROL, "no-store")], Json(page)).into_response()
}

/// Whether the process is alive, which it is if it answers.
async fn live() -> Json<Alive> {
    Json(Alive { status: Status::Ok })
}

/// Whether the process can do its work.
async fn ready(State(system): State<Arc<System>>) -> Response {
    let verdict = health::examine(&system.checks).await;
    let status =
        if verdict.status == Status::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, [(CACHE_CONTROL, "no-store")], Json(verdict)).into_response()
}

#[derive(Serialize)]
struct Page<'a> {
    service: &'a str,
    version: &'a str,
    #[serde(flatten)]
    numbers: &'a Snapshot,
}

#[derive(Serialize)]
struct Alive {
    status: Status,
}
