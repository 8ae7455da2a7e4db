//! Deleting everything at once.

use types::facts::tasks::TasksDeleted;
use types::{Caller, Error, Result};

use super::{TRIES, Tasks};

/// Tasks deleted in one transaction: more would hold up everybody's commit.
const AT_ONCE: i64 = 500;

impl Tasks {
    /// Takes all of the caller's tasks out of sight; each can be restored.
    pub async fn clear(&self, caller: &Caller) -> Result<()> {
        // Downwards, so that tasks written meanwhile are not met, and this comes to an end.
        let (mut below, mut tries) = (None, 0);
        loop {
            let ids = self.store.newest(caller.user, below, AT_ONCE).await?;
            let Some(last) = ids.last().copied() else { return Ok(()) };

            let along = self.telling(&TasksDeleted { ids: ids.clone(), owner: caller.user })?;
            if self.store.delete_all(caller.user, &ids, self.clock.now(), along).await? {
                (below, tries) = (Some(last), 0);
            } else if tries < TRIES {
                tries += 1;
            } else {
                return Err(Error::Stale);
            }
        }
    }
}
