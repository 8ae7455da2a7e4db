//! The system endpoint, through its front door.

use std::{future, time::Duration};

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

fn check(name: &str, required: bool, wrong: Option<&str>) -> Check {
    let wrong = wrong.map(str::to_owned);
    let run = move || -> futures_util::future::BoxFuture<'static, Result<(), String>> {
        Box::pin(future::ready(wrong.clone().map_or(Ok(()), Err)))
    };
    Check { name: name.to_owned(), required, run: Arc::new(run) }
}

async fn get(checks: Vec<Check>, path: &str, accept: &str) -> (StatusCode, String, String) {
    let metrics = Metrics::new();
    metrics.request(&axum::http::Method::GET, "/tasks", 200, Some(17), Duration::from_millis(1));
    let system = System { metrics, checks, service: "daybook".into(), version: "1.2.3".into() };
    let request = Request::get(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
    let response = router(system).oneshot(request).await.unwrap();
    let content_type = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, content_type, String::from_utf8(body.to_vec()).unwrap())
}

async fn ready(checks: Vec<Check>) -> (StatusCode, Value) {
    let (status, _, body) = get(checks, "/health/ready", "*/*").await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn everything_works() {
    let (status, body) = ready(vec![check("database", true, None), check("broker", false, None)]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({"status": "ok", "checks": {"database": "ok", "broker": "ok"}}));
}

#[tokio::test]
async fn what_is_not_required_only_degrades() {
    let (status, body) =
        ready(vec![check("broker", false, Some("no route")), check("database", true, None)]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({"status": "degraded", "checks": {"broker": "no route", "database": "ok"}}));
}

#[tokio::test]
async fn what_is_asked_in_two_ways_is_well_when_both_say_so() {
    for told in [[None, Some("stale")], [Some("stale"), None]] {
        let (_, body) = ready(told.map(|wrong| check("identity", false, wrong)).into()).await;
        assert_eq!(body, json!({"status": "degraded", "checks": {"identity": "stale"}}));
    }
}

#[tokio::test]
async fn what_is_required_brings_the_house_down() {
    let broken = vec![check("database", true, Some("disk full")), check("broker", false, Some("no route"))];
    let (status, body) = ready(broken).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["status"], "down");
    assert_eq!(body["checks"], json!({"database": "disk full", "broker": "no route"}));
}

#[tokio::test]
async fn a_part_that_does_not_answer_is_broken() {
    let run =
        || -> futures_util::future::BoxFuture<'static, Result<(), String>> { Box::pin(future::pending()) };
    let silent = Check { name: "broker".into(), required: false, run: Arc::new(run) };
    let (status, body) = ready(vec![silent]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["checks"]["broker"], "no answer within 2 seconds");
}

#[tokio::test]
async fn a_broken_house_is_still_alive() {
    let (status, _, body) = get(vec![check("database", true, Some("gone"))], "/health/live", "*/*").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn prometheus_gets_the_format_it_asks_for() {
    let (_, content_type, text) = get(vec![], "/metrics", "application/openmetrics-text;version=1.0.0").await;
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(text.ends_with("# EOF\n"));
    let (_, content_type, text) = get(vec![], "/metrics", "text/html").await;
    assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
    assert!(text.contains("daybook_user_requests_per_second"));
}

#[tokio::test]
async fn people_get_the_same_numbers_as_json() {
    let (status, _, body) = get(vec![], "/system", "*/*").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&body["service"], &body["version"]), (&json!("daybook"), &json!("1.2.3")));
    for number in [
        "uptime_seconds",
        "requests_total",
        "requests_per_second",
        "requests_per_second_per_user",
        "rss_bytes",
        "rss_anon_bytes",
        "cpu_seconds_total",
        "tokio_tasks",
        "threads",
    ] {
        assert!(body[number].is_number(), "{number} in {body}");
    }
}
