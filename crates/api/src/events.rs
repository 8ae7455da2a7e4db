//! What all streams of events have in common.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Has nginx pass each event on as it comes.
pub const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// The `id` of the last event that a client has heard, which browsers send by themselves when they come back. One that is
/// no text is none that we gave.
pub fn last_heard(headers: &HeaderMap) -> Option<&str> {
    headers.get("last-event-id").map(|id| id.to_str().unwrap_or("?")).filter(|id| !id.is_empty())
}
