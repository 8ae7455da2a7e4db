//! Live as Server-Sent Events. Session and stop are the edge's: it cuts what goes on.

use std::sync::Arc;

use api::events::UNBUFFERED;
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::event::Event;
use super::seat::Over;
use super::stay::{Stay, Turn};

/// How long a client waits before it comes back.
const RETRY: Bytes = Bytes::from_static(b"retry: 2000\n");
/// Keeps the connection alive where nothing is to be said.
const HERE: Bytes = Bytes::from_static(b":\n\n");
const TOO_SLOW: Bytes = Bytes::from_static(b"event: dropped\ndata: {\"reason\":\"too_slow\"}\n\n");

/// The answer that goes on for as long as somebody listens.
pub fn events(stay: Stay) -> Response {
    let told = stream::unfold(Some((stay, RETRY)), |going| async move {
        let (mut stay, before) = going?;
        let (said, goes_on) = match stay.next().await {
            Turn::Say(events) => {
                stay.arrived(&events);
                (blocks(before, &events), true)
            }
            Turn::Beat(place) => (place.map_or(HERE, |place| place.block()), true),
            Turn::Over(Over::TooSlow) => (TOO_SLOW, false),
            Turn::Over(_) => return None,
        };
        Some((Ok::<_, std::convert::Infallible>(said), goes_on.then_some((stay, Bytes::new()))))
    });
    let kind = (CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    let kept = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    ([kind, kept, UNBUFFERED], Body::from_stream(told)).into_response()
}

fn blocks(before: Bytes, events: &[Arc<Event>]) -> Bytes {
    if let ([event], true) = (events, before.is_empty()) {
        return event.block();
    }
    let mut said = Vec::from(before);
    for event in events {
        said.extend_from_slice(&event.block());
    }
    said.into()
}
