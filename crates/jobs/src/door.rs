//! The door of the queue: people put jobs of their own in it, and see what becomes of them.
//!
//! `kinds` says what a person may have done, `wanted` what they ask for, `service` the verbs, `routes` and `classic` the ways
//! in, `schedules` what the clock puts in for them, `explain` and `timeline` what there is to tell of a job, `watch` and `live` who hears it at once. Whoever wires the house puts it in place: the queue stands below what parts are made of.

mod bodies;
mod classic;
mod explain;
mod kinds;
mod live;
mod routes;
mod schedules;
mod service;
mod store;
pub(crate) mod texts;
mod timeline;
mod wanted;
mod watch;

use std::sync::Arc;

use api::stop::Stop;
use axum::Router;
use axum::extract::FromRef;
use axum::http::Method;
use utoipa_axum::router::OpenApiRouter;

use crate::errands::{report, secrets};
use crate::{Queue, outside};
use kinds::Kinds;
use schedules::Schedules;
use service::Jobs;
use watch::Watching;

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
    queue: Queue,
    desk: Desk,
}

/// What its routes work with.
#[derive(Clone)]
struct Desk {
    jobs: Jobs,
    schedules: Schedules,
    watching: Watching,
}

impl FromRef<Desk> for Jobs {
    fn from_ref(desk: &Desk) -> Self {
        desk.jobs.clone()
    }
}

impl FromRef<Desk> for Schedules {
    fn from_ref(desk: &Desk) -> Self {
        desk.schedules.clone()
    }
}

impl FromRef<Desk> for Watching {
    fn from_ref(desk: &Desk) -> Self {
        desk.watching.clone()
    }
}

impl Door {
    /// Made of these.
    pub fn new(needs: Needs) -> Self {
        let Needs { queue, kinds, streams } = needs;
        let kinds = Kinds::new(kinds);
        let jobs = Jobs::new(Arc::new(queue.clone()), kinds.clone(), queue.clock.clone());
        let schedules = Schedules::new(queue.clone(), kinds);
        Self { queue, desk: Desk { jobs, schedules, watching: Watching::new(streams) } }
    }

    /// Its routes.
    pub fn routes(&self) -> Router {
        Router::from(all().with_state(self.desk.clone()))
    }

    /// Looks at the jobs that somebody watches, until it is told to stop.
    pub async fn follow(self, stop: Stop) {
        self.desk.watching.follow(self.queue, stop).await;
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

/// Whether a request may bring many jobs at once, and so be larger than others.
pub fn is_roomy(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == routes::JOBS
}

fn all() -> OpenApiRouter<Desk> {
    routes::routes().merge(schedules::routes::routes()).merge(classic::routes())
}
