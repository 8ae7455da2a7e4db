//! What is cleared away by the clock in every database, whichever roles it serves.

use std::sync::Arc;

use api::idempotency;
use jobs::{Chore, Handler};
use types::Clock;

use super::stores::Store;

/// The chores of this database. Of the processes that serve it, one does each of them each time.
pub fn of(store: &Store, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Handler>> {
    let (stream, queue) = (store.stream.clone(), store.queue.clone());
    let (db, clock) = (store.db.clone(), clock.clone());
    vec![
        Chore::of("house.facts", "*/10 * * * *", move || {
            let stream = stream.clone();
            async move { stream.sweep().await }
        }),
        Chore::of("house.keys", "5-59/10 * * * *", move || {
            let (db, now) = (db.clone(), clock.now());
            async move { idempotency::forget(&db, now).await }
        }),
        Chore::of("house.jobs", "57 * * * *", move || {
            let queue = queue.clone();
            async move { queue.sweep().await }
        }),
    ]
}
