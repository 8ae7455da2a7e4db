//! Until when an answer is of use to anybody: said by the client or by our gateway, and carried on to services.

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::problem::Failure;
use crate::texts;

/// For how many milliseconds whoever asks will wait for an answer to begin.
pub const X_REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// When whoever asks stops waiting; an extension of requests that say so.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    /// How long that is from now.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Has a request answered in time. A read that takes longer is dropped, and with it all that it waits for; a write is
/// finished, since nobody could tell whether it had been done.
pub(super) async fn within(mut request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    // Most say nothing, and pay for no timer.
    let Some(patience) = said(request.headers()) else { return answer(request).await };
    request.extensions_mut().insert(Deadline::after(patience));
    if !request.method().is_safe() {
        return answer(request).await;
    }
    let answered = tokio::time::timeout(patience, answer(request)).await;
    answered.unwrap_or_else(|_| {
        Failure::Http(StatusCode::GATEWAY_TIMEOUT, texts::SERVICE_AWAY.into()).into_response()
    })
}

/// What is no number of milliseconds says nothing, and neither does one that nobody would wait for.
fn said(headers: &HeaderMap) -> Option<Duration> {
    let millis: u32 = headers.get(X_REQUEST_TIMEOUT)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_millis(millis.into()))
}
