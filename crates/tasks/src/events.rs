//! What follows from facts about tasks.

use std::sync::Arc;

use db::Db;
use stream::{Consumer, Tally};
use types::TaskId;
use types::facts::Tell;
use types::facts::tasks::{TOPIC, TaskCreated, TaskDeleted, TaskRestored, TasksDeleted};

/// The name of the total.
pub const TALLY: &str = "tasks.total";

/// Keeps the number of tasks in sight.
pub fn tally(db: &Db) -> Arc<dyn Consumer> {
    Tally::weighing(db.clone(), TALLY, TOPIC, |fact| match fact.kind.as_str() {
        TaskCreated::KIND | TaskRestored::KIND => 1,
        TaskDeleted::KIND => -1,
        TasksDeleted::KIND => -many(fact.read::<TasksDeleted>().ok().flatten().map(|fact| fact.ids)),
        _ => 0,
    })
}

fn many(ids: Option<Vec<TaskId>>) -> i64 {
    ids.map_or(0, |ids| i64::try_from(ids.len()).unwrap_or(0))
}
