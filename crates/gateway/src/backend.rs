//! What answers a request: a router in this process, or a service elsewhere.

use axum::Router;

use crate::upstream::Upstream;

/// What answers.
pub enum Backend {
    /// A router in this process.
    Here(Router),
    /// A service elsewhere.
    There(Upstream),
}
