//! What is cleared away by the clock: deleted tasks, once nobody can restore them any more.

mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use jobs::{Chore, Handler};
use types::Clock;

use store::SqlGone;

/// How long a deleted task can be restored.
const RESTORABLE: Duration = Duration::from_hours(30 * 24);

/// The chores of this domain.
pub fn chores(db: &Db, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Handler>> {
    let (store, clock) = (SqlGone::new(db.clone()), clock.clone());
    vec![Chore::of("tasks.deleted", "47 * * * *", move || {
        let (store, before) = (store.clone(), clock.now().minus(RESTORABLE));
        async move { store.bury(before).await }
    })]
}
