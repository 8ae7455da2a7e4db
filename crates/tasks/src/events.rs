//! What follows from facts about tasks.

use std::sync::Arc;

use db::Db;
use stream::{Consumer, Tally};
use types::facts::Tell;
use types::facts::tasks::{TOPIC, TaskCreated, TaskDeleted, TaskRestored};

/// The name of the total.
pub const TALLY: &str = "tasks.total";

/// Keeps the number of tasks in sight.
pub fn tally(db: &Db) -> Arc<dyn Consumer> {
    Tally::new(db.clone(), TALLY, TOPIC, |kind| match kind {
        TaskCreated::KIND | TaskRestored::KIND => 1,
        TaskDeleted::KIND => -1,
        _ => 0,
    })
}
