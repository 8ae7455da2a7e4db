//! Deleting everything at once.

use types::facts::tasks::TasksDeleted;
use types::{Caller, Error, Result, TaskId, Timestamp, UserId};

use super::{TRIES, Tasks};

/// Tasks deleted in one transaction: more would hold up everybody's commit.
const AT_ONCE: i64 = 500;
/// The same where nobody waits for it.
const UNHURRIED: i64 = 100;

impl Tasks {
    /// Takes all of the caller's tasks out of sight; each can be restored.
    pub async fn clear(&self, caller: &Caller) -> Result<()> {
        let mut below = None;
        loop {
            match self.clear_below(caller.user, below, AT_ONCE, self.clock.now()).await? {
                None => return Ok(()),
                last => below = last,
            }
        }
    }

    /// Takes some tasks of somebody who is gone out of sight, those below this one, as if that were too long ago for anybody to
    /// restore them: the chore removes them with what else has been deleted for so long. The last of them, unless there were none.
    pub async fn forget(&self, user: UserId, below: Option<TaskId>) -> Result<Option<TaskId>> {
        self.clear_below(user, below, UNHURRIED, Timestamp::default()).await
    }

    /// Downwards, so that tasks written meanwhile are not met, and this comes to an end.
    async fn clear_below(
        &self,
        user: UserId,
        below: Option<TaskId>,
        most: i64,
        at: Timestamp,
    ) -> Result<Option<TaskId>> {
        for _ in 0..=TRIES {
            let ids = self.store.newest(user, below, most).await?;
            let Some(last) = ids.last().copied() else { return Ok(None) };

            let along = self.telling(&TasksDeleted { ids: ids.clone(), owner: user })?;
            if self.store.delete_all(user, &ids, at, along).await? {
                return Ok(Some(last));
            }
        }
        Err(Error::Stale)
    }
}
