//! Writing down what a client may send again.

use api::idempotency::{Key, Once, once};
use types::{Caller, Result, TaskId};

use super::Tasks;
use crate::task::{Draft, Task};

impl Tasks {
    /// Writes a task down, once for each key. Without one, each time.
    pub async fn create_once(&self, caller: &Caller, draft: Draft, key: Option<&Key>) -> Result<Once<Task>> {
        let Some(key) = key else { return self.create(caller, draft).await.map(Once::Now) };
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make(caller, draft.clone(), Some(key)),
            |made| self.store.find(caller.user, TaskId::trusted(made.first_id)),
        )
        .await
    }
}
