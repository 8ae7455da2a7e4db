//! Sections that do what no real one should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::edge::{Asked, Identity};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use part::Source;
use serde_json::{Value, json};
use testkit::StillClock;
use tokio::sync::Barrier;
use tower::ServiceExt;
use types::{Caller, Role, SessionId, UserId};

use super::*;

const fn section(name: &'static str, path: &'static str) -> Section {
    Section { name, schema: "Any", source: Source::Http(path), without: None }
}

const BOTH: &[Section] = &[section("one", "/one"), section("two", "/two")];

fn home(router: Router) -> Router {
    let clock = Arc::new(StillClock::default());
    Home::new([(BOTH, Backend::Here(router))], Duration::from_secs(20), clock).routes()
}

async fn seen(home: &Router) -> Value {
    let caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
    let mut request = HttpRequest::get(PATH).body(Body::empty()).unwrap();
    request.extensions_mut().insert(Asked::by(Identity::Caller(caller)));
    let answer = home.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice::<Value>(&body).unwrap()["sections"].clone()
}

#[tokio::test]
async fn a_bug_in_one_section_leaves_the_others() {
    let broken = || async { Err::<Json<u8>, _>(std::iter::empty::<Failure>().next().unwrap()) };
    let router = Router::new().route("/one", get(|| async { Json(1) })).route("/two", get(broken));
    let seen = seen(&home(router)).await;
    assert_eq!(seen["one"], json!({"status": "ok", "age_ms": 0, "data": 1}));
    assert_eq!((&seen["two"]["status"], &seen["two"]["problem"]["status"]), (&json!("error"), &json!(500)));
}

#[tokio::test]
async fn sections_are_asked_at_once() {
    let both = Arc::new(Barrier::new(2));
    let meet = move || {
        let both = both.clone();
        async move {
            both.wait().await;
            Json("met")
        }
    };
    let router = Router::new().route("/one", get(meet.clone())).route("/two", get(meet));
    let seen = seen(&home(router)).await;
    assert_eq!((&seen["one"]["data"], &seen["two"]["data"]), (&json!("met"), &json!("met")));
}

#[tokio::test]
async fn who_may_not_see_a_section_any_more_is_not_shown_what_it_was() {
    let closed = Arc::new(AtomicBool::new(false));
    let switch = closed.clone();
    let door = move || {
        let closed = closed.load(Ordering::Relaxed);
        async move { if closed { Err(Failure::from(Error::Forbidden(UNKNOWN_SECTION))) } else { Ok(Json(1)) } }
    };
    let router = Router::new().route("/one", get(door)).route("/two", get(|| async { Json(2) }));
    let home = home(router);
    assert_eq!(seen(&home).await["one"]["status"], "ok");
    switch.store(true, Ordering::Relaxed);
    let seen = seen(&home).await;
    assert_eq!((&seen["one"]["status"], &seen["one"]["problem"]["status"]), (&json!("error"), &json!(403)));
    assert_eq!((seen["one"].get("data"), &seen["two"]["status"]), (None, &json!("ok")));
}

#[tokio::test]
async fn what_is_no_json_is_no_section() {
    let router = Router::new()
        .route("/one", get(|| async { "{\"a\": 1" }))
        .route("/two", get(|| async { (axum::http::StatusCode::IM_A_TEAPOT, "{}") }));
    let seen = seen(&home(router)).await;
    for section in ["one", "two"] {
        assert_eq!(
            (&seen[section]["status"], &seen[section]["problem"]["status"]),
            (&json!("error"), &json!(502))
        );
    }
}
