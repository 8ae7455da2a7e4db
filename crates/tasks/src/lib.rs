//! Tasks: what a person means to do, theirs alone.
//!
//! `task` has the rules, `service` the verbs, `store` the SQL, `routes` the door, `classic` the one of the
//! older clients, `grpc` the one of other programs of the house, `order` what dragging does, `events` what follows from facts.

mod classic;
mod events;
mod grpc;
mod order;
mod routes;
mod service;
mod store;
mod task;

use std::sync::Arc;

use axum::Router;
use db::Db;
use part::{Part, Section, Source, Total};
use stream::Teller;
use types::{Clock, Ids};

use utoipa_axum::router::OpenApiRouter;

pub use order::Place;
pub use service::{Filter, Glance, TaskStore, Tasks};
pub use store::SqlTasks;
pub use task::{Change, Draft, Task};

/// All doors.
fn routes() -> OpenApiRouter<Tasks> {
    routes::routes().merge(classic::routes())
}

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi().merge_from(<grpc::Documents as utoipa::OpenApi>::openapi())
}

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[db::migration!("tasks", 1, "0001_tasks")];

/// What it shows on everybody's home.
pub const SECTIONS: &[Section] =
    &[Section { name: "tasks", schema: "TasksHome", source: Source::Grpc(grpc::ask_home), without: None }];

/// Tasks, ready to be served from this database.
pub fn part(db: &Db, teller: Teller, ids: Ids, clock: Arc<dyn Clock>) -> Part {
    let tasks = Tasks::new(Arc::new(SqlTasks::new(db.clone())), teller, ids, clock);
    Part {
        router: Router::from(routes().with_state(tasks.clone())).merge(grpc::routes(tasks)),
        consumers: vec![events::tally(db)],
        totals: vec![Total {
            metric: "daybook_tasks",
            help: "Tasks that are not deleted",
            tally: events::TALLY,
        }],
    }
}
