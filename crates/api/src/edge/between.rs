//! What may stand between the edge and the handlers, for the few requests that concern it.

use axum::extract::Request;
use axum::response::Response;
use futures_util::future::BoxFuture;

use super::Behind;

/// Whoever may answer in the place of a handler, or has to know that one has answered. The edge has marked who asks.
pub trait Between: Send + Sync {
    /// Whether a request concerns it. Each one is shown, and most must not notice.
    fn concerns(&self, request: &Request) -> bool;

    /// Answers one that does.
    fn answer(&self, request: Request, behind: Behind) -> BoxFuture<'_, Response>;
}
