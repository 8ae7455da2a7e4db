//! What follows from facts about tasks.

use std::sync::Arc;

use db::Db;
use stream::{Consumer, Tally};
use types::facts::Tell;
use types::facts::tasks::{TOPIC, TaskCreated, TaskDeleted, TaskRestored, TasksCreated, TasksDeleted};
use types::{Result, TaskId};

/// The name of the total.
pub const TALLY: &str = "tasks.total";

/// Keeps the number of tasks in sight.
pub fn tally(db: &Db) -> Arc<dyn Consumer> {
    Tally::weighing(db.clone(), TALLY, TOPIC, |fact| match fact.kind.as_str() {
        TaskCreated::KIND | TaskRestored::KIND => 1,
        TaskDeleted::KIND => -1,
        TasksCreated::KIND => many(fact.read().map(|fact: Option<TasksCreated>| fact.map(|fact| fact.ids))),
        TasksDeleted::KIND => -many(fact.read().map(|fact: Option<TasksDeleted>| fact.map(|fact| fact.ids))),
        _ => 0,
    })
}

/// How many there are. What cannot be read weighs nothing.
fn many(ids: Result<Option<Vec<TaskId>>>) -> i64 {
    ids.ok().flatten().map_or(0, |ids| i64::try_from(ids.len()).unwrap_or(0))
}
