//! Streams that this process answers with end with the session that they were opened for.

use std::convert::Infallible;
use std::time::Duration;

use api::Ending;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http_body_util::BodyExt;
use tower::ServiceExt;
use types::{Clock, SessionId};

use super::cookies::door;
use super::workshop::{Workshop, caller};

/// One piece of news, and then none for ever.
pub async fn news() -> impl IntoResponse {
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"data: 1\n\n"))]);
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(first.chain(stream::pending())))
}

async fn opened(workshop: &Workshop, bearer: Option<String>) -> Body {
    let request = bearer.into_iter().fold(Request::get("/news"), |request, token| {
        request.header(AUTHORIZATION, format!("Bearer {token}"))
    });
    let answer = door(workshop).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "data: 1\n\n");
    body
}

fn ending(workshop: &Workshop, session: u64, generation: Option<i64>) -> Ending {
    let now = workshop.clock.now();
    let until = now.plus(Duration::from_mins(5));
    let session = SessionId::trusted(i64::try_from(session).unwrap());
    Ending { user: caller().user, session: Some(session), generation, at: now, until }
}

/// Whether it ends soon.
async fn ends(mut body: Body) -> bool {
    tokio::time::timeout(Duration::from_millis(300), body.frame()).await.is_ok_and(|frame| frame.is_none())
}

#[test]
fn a_stream_ends_with_its_session() {
    testkit::run(async {
        let workshop = Workshop::new();
        let body = opened(&workshop, Some(workshop.token())).await;
        let waiting = tokio::spawn(ends(body));
        tokio::task::yield_now().await;
        workshop.verifier.ended().add(&[ending(&workshop, 9, None)], workshop.clock.now());
        assert!(waiting.await.unwrap());
    });
}

#[test]
fn a_stream_ends_with_the_generation_of_its_token() {
    testkit::run(async {
        let workshop = Workshop::new();
        let body = opened(&workshop, Some(workshop.token())).await;
        workshop.verifier.ended().add(&[ending(&workshop, 10, Some(2))], workshop.clock.now());
        assert!(ends(body).await);
    });
}

#[test]
fn a_stream_ends_when_the_process_stops() {
    testkit::run(async {
        let workshop = Workshop::new();
        let (hers, nobodys) =
            (opened(&workshop, Some(workshop.token())).await, opened(&workshop, None).await);
        let waiting = [tokio::spawn(ends(hers)), tokio::spawn(ends(nobodys))];
        tokio::task::yield_now().await;
        workshop.trigger.pull();
        for ended in waiting {
            assert!(ended.await.unwrap());
        }
    });
}

#[test]
fn other_endings_leave_a_stream_alone() {
    testkit::run(async {
        let workshop = Workshop::new();
        let (hers, spared) = (
            opened(&workshop, Some(workshop.token())).await,
            opened(&workshop, Some(workshop.token())).await,
        );
        let nobodys = opened(&workshop, None).await;
        workshop.verifier.ended().add(&[ending(&workshop, 10, None)], workshop.clock.now());
        assert!(!ends(hers).await);
        workshop.verifier.ended().add(&[ending(&workshop, 9, Some(2))], workshop.clock.now());
        assert!(!ends(spared).await && !ends(nobodys).await);
    });
}
