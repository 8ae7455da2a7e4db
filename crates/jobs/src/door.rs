//! The door of the queue: people put jobs of their own in it, and see what becomes of them.
//!
//! `kinds` says what a person may have done, `wanted` what they ask for, `service` the verbs, `routes` and `classic` the ways
//! in. Whoever wires the house puts it in place: the queue stands below what parts are made of.

mod bodies;
mod classic;
mod kinds;
mod routes;
mod service;
mod store;
pub(crate) mod texts;
mod wanted;

use std::sync::Arc;

use axum::Router;

use crate::errands::{report, secrets};
use crate::{Queue, outside};
use service::Jobs;

pub use kinds::{External, UserKind};

/// What the door is made of.
pub struct Needs {
    /// Where jobs are put.
    pub queue: Queue,
    /// What people may have done.
    pub kinds: Vec<Arc<dyn UserKind>>,
    /// How many streams of events one person may have open at once.
    pub streams: usize,
}

/// The door, ready to be opened.
pub struct Door {
    jobs: Jobs,
}

impl Door {
    /// Made of these.
    pub fn new(needs: Needs) -> Self {
        Self { jobs: Jobs::new(Arc::new(needs.queue.clone()), needs.kinds, needs.queue.clock) }
    }

    /// Its routes.
    pub fn routes(&self) -> Router {
        Router::from(all().with_state(self.jobs.clone()))
    }
}

/// What the routes promise, those of workers outside and of the house's errands among them.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut promised = all().into_openapi();
    promised.merge(outside::routes().into_openapi());
    promised.merge(secrets::routes().into_openapi());
    promised.merge(report::routes().into_openapi());
    promised
}

fn all() -> utoipa_axum::router::OpenApiRouter<Jobs> {
    routes::routes().merge(classic::routes())
}
