//! Tasks: what a person means to do, theirs alone.
//!
//! `task` has the rules, `service` the verbs, `store` the SQL, `routes` the door, `classic` the one of the
//! older clients, `order` what dragging does, `events` what follows from facts, `changes` what clients hear of them.

mod changes;
mod classic;
mod events;
mod order;
mod routes;
mod service;
mod store;
mod task;

use std::sync::Arc;

use db::Db;
use part::{Part, Total};
use stream::{Stream, Teller};
use types::facts::tasks::TOPIC;
use types::{Clock, Ids};

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

pub use order::Place;
pub use service::{Filter, TaskStore, Tasks};
pub use store::SqlTasks;
pub use task::{Change, Draft, Task};

use changes::Changes;

/// All doors to tasks themselves.
fn routes() -> OpenApiRouter<Tasks> {
    routes::routes().merge(classic::routes())
}

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = routes().into_openapi();
    all.merge(changes::routes::routes().into_openapi());
    all
}

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[db::migration!("tasks", 1, "0001_tasks")];

/// Tasks, ready to be served from this database.
pub fn part(db: &Db, stream: &Stream, teller: Teller, ids: Ids, clock: Arc<dyn Clock>) -> Part {
    let store: Arc<dyn TaskStore> = Arc::new(SqlTasks::new(db.clone()));
    let changes = Changes::new(stream.feed(TOPIC), store.clone());
    let tasks = Tasks::new(store, teller, ids, clock);
    Part {
        router: Router::from(routes().with_state(tasks)).merge(changes::routes::routes().with_state(changes)),
        consumers: vec![events::tally(db)],
        totals: vec![Total {
            metric: "daybook_tasks",
            help: "Tasks that are not deleted",
            tally: events::TALLY,
        }],
    }
}
