//! The one door: every path of the house, each answered by a [`Backend`] that is here or elsewhere.
//!
//! The gateway knows no domain. The program hands it paths and backends; who is asking has been found out by the edge
//! around it, and what a client claims about that is taken away before a request goes on.

mod backend;
mod breaker;
mod headers;
mod home;
pub mod remembered;
mod upgrade;
mod upstream;

use axum::Router;
use axum::routing::any_service;
pub use backend::Backend;
pub use home::Home;
pub use upstream::{ANSWER, KEYED, Needs, Upstream};

/// The routes of the house, so far.
#[derive(Default)]
pub struct Gateway {
    routes: Router,
}

impl Gateway {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what answers on these paths.
    #[must_use]
    pub fn with<'p>(self, paths: impl IntoIterator<Item = &'p str>, backend: Backend) -> Self {
        let routes = match backend {
            Backend::Here(router) => self.routes.merge(router),
            Backend::There(upstream) => paths
                .into_iter()
                .fold(self.routes, |routes, path| routes.route(path, any_service(upstream.clone()))),
        };
        Self { routes }
    }

    /// The whole door, for an edge to be put around it.
    pub fn router(self) -> Router {
        self.routes
    }
}
