//! Asking what changed.

use std::collections::HashMap;
use std::sync::Arc;

use types::{Caller, Result, TaskId};

use super::{Since, SqlChanges};
use crate::service::TaskStore;
use crate::task::Task;

/// Tasks of one answer.
const AT_ONCE: usize = 100;

/// What changed, and where to go on.
pub struct Delta {
    /// Each task that changed, as it is now; none when it is deleted.
    pub items: Vec<(TaskId, Option<Task>)>,
    /// What to ask with next.
    pub next: Since,
    /// Whether there is more already.
    pub more: bool,
}

/// The verb. Cheap to clone.
#[derive(Clone)]
pub struct Changes {
    store: SqlChanges,
    tasks: Arc<dyn TaskStore>,
}

impl Changes {
    /// Over these stores.
    pub fn new(store: SqlChanges, tasks: Arc<dyn TaskStore>) -> Self {
        Self { store, tasks }
    }

    /// What of the caller's changed since; everything when they never asked. None when that is so long ago that
    /// deletions were forgotten meanwhile, or no time of this house at all.
    pub async fn since(&self, caller: &Caller, since: Option<Since>) -> Result<Option<Delta>> {
        let since = since.unwrap_or(Since { first: true, number: 0, id: 0 });
        let bounds = self.store.bounds().await?;
        if since.number > bounds.head || (!since.first && since.number < bounds.horizon) {
            return Ok(None);
        }
        let limit = i64::try_from(AT_ONCE).unwrap_or(0) + 1;
        let mut places = self.store.after(caller.user, since, bounds.head, limit).await?;
        let more = places.len() > AT_ONCE;
        places.truncate(AT_ONCE);
        let ids: Vec<TaskId> = places.iter().map(|place| TaskId::trusted(place.id)).collect();
        let found = self.tasks.find_all(caller.user, &ids).await?;
        let mut found: HashMap<TaskId, Task> = found.into_iter().map(|task| (task.id, task)).collect();
        let items = ids.into_iter().map(|id| (id, found.remove(&id))).collect();
        let end = Since { first: false, number: bounds.head, id: i64::MAX >> 11 };
        let next = places.last().filter(|_| more).map_or(end, |last| Since { first: since.first, ..*last });
        Ok(Some(Delta { items, next, more }))
    }
}
