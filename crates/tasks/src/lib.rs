//! Tasks: what a person means to do, theirs alone.
//!
//! `task` has the rules, `details` those of what few tasks have, `service` the verbs, `store` the SQL, `routes` the door,
//! `bulk` the one for many at once, `classic` the one of the older clients, `grpc` the one of other programs of the house,
//! `filter` what lists ask for, `mark` by what they find it, `words` how they are searched, `order` what dragging does,
//! `events` what follows from facts, `leavers` what does from accounts that are gone, `changes` what clients hear of them,
//! `jobs` what the clock clears away.

mod bodies;
mod bulk;
mod changes;
mod classic;
mod details;
mod due;
mod events;
mod filter;
mod grpc;
mod jobs;
mod leavers;
mod lists;
mod mark;
mod order;
mod routes;
mod service;
mod store;
mod task;
mod words;

use std::sync::Arc;

use axum::Router;
use db::Db;
use part::{Part, Section, Source, Total};
use stream::{Hears, Stream, Teller};
use types::facts::accounts::UserDeleted;
use types::facts::tasks::TOPIC;
use types::{Clock, Ids};

use utoipa_axum::router::OpenApiRouter;

pub use details::Details;
pub use due::Due;
pub use filter::{Filter, Found, Order};
pub use lists::{List, ListStore, SqlLists};
pub use order::{Moved, Place};
pub use service::{Glance, TaskStore, Tasks};
pub use store::SqlTasks;
pub use task::{Change, Draft, Task};

use changes::Changes;
use leavers::leavers;
use lists::Lists;
use words::Words;

/// What the routes promise.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut all = tasks().into_openapi();
    all.merge(lists::routes::routes().into_openapi());
    all.merge(changes::routes::routes().into_openapi());
    all.merge(<grpc::Documents as utoipa::OpenApi>::openapi());
    all
}

fn tasks() -> OpenApiRouter<Tasks> {
    routes::routes().merge(bulk::routes()).merge(classic::routes())
}

/// The tables of this domain.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("tasks", 1, "0001_tasks"),
    db::migration!("tasks", 2, "0002_task_details"),
    db::migration!("tasks", 3, "0003_task_marks"),
    db::migration!("tasks", 4, "0004_task_lists"),
    db::migration!("tasks", 5, "0005_task_places"),
    db::migration!("tasks", 6, "0006_task_words"),
    db::migration!("tasks", 7, "0007_gone_tasks"),
];

/// What it hears of other domains.
pub const HEARS: &[Hears] = &[Hears::of::<UserDeleted>()];

/// What it shows on everybody's home.
pub const SECTIONS: &[Section] =
    &[Section { name: "tasks", schema: "TasksHome", source: Source::Grpc(grpc::ask_home), without: None }];

/// Tasks, ready to be served from this database.
pub fn part(db: &Db, stream: &Stream, teller: Teller, ids: Ids, clock: Arc<dyn Clock>) -> Part {
    let store: Arc<dyn TaskStore> = Arc::new(SqlTasks::new(db.clone()));
    let shelf: Arc<dyn ListStore> = Arc::new(SqlLists::new(db.clone()));
    let changes = Changes::new(stream.feed(TOPIC), store.clone());
    let lists = Lists::new(shelf.clone(), store.clone(), ids.clone(), clock.clone());
    let handlers = jobs::chores(db, &clock);
    let tasks = Tasks::new(store, shelf.clone(), teller, ids, clock);
    Part {
        router: Router::from(self::tasks().with_state(tasks.clone()))
            .merge(lists::routes::routes().with_state(lists))
            .merge(changes::routes::routes().with_state(changes))
            .merge(grpc::routes(tasks.clone())),
        consumers: vec![events::tally(db), Words::new(db.clone()), leavers(tasks.clone(), shelf)],
        handlers,
        totals: vec![Total {
            metric: "daybook_tasks",
            help: "Tasks that are not deleted",
            tally: events::TALLY,
        }],
        works: Vec::new(),
    }
}
