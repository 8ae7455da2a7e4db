//! Until when an answer is of use to anybody: said by the client or by our gateway, and carried on to services.

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::problem::Failure;
use crate::texts;

/// For how many milliseconds whoever asks will wait for an answer to begin.
pub const X_REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// When whoever asks stops waiting.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    /// What a request says of it. What is no number of milliseconds says nothing, and neither does one that nobody would
    /// wait for.
    pub(super) fn said(headers: &HeaderMap) -> Option<Self> {
        let millis: u32 = headers.get(X_REQUEST_TIMEOUT)?.to_str().ok()?.parse().ok()?;
        Some(Self::after(Duration::from_millis(millis.into())))
    }

    /// How long that is from now.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Has a request answered in time. A read that takes longer is dropped, and with it all that it waits for; a write is
/// finished, since nobody could tell whether it had been done.
pub(super) async fn within(
    request: &mut Request,
    deadline: Option<Deadline>,
    answer: impl AsyncFnOnce(&mut Request) -> Response,
) -> Response {
    // Most say nothing, and pay for no timer.
    let Some(deadline) = deadline.filter(|_| request.method().is_safe()) else {
        return answer(request).await;
    };
    // Boxed, so that those who say nothing carry no room for it.
    let answered = Box::pin(tokio::time::timeout_at(deadline.0.into(), answer(request))).await;
    answered.unwrap_or_else(|_| {
        Failure::Http(StatusCode::GATEWAY_TIMEOUT, texts::SERVICE_AWAY.into()).into_response()
    })
}
