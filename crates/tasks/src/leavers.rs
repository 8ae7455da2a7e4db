//! What follows from accounts that are gone: nothing of theirs stays. Nobody waits for it, and they may have had a million
//! tasks, so it goes by small portions with rests between them.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::Along;
use stream::{Consumer, Fact};
use types::facts::accounts::{TOPIC, UserDeleted};
use types::{Result, UserId};

use crate::lists::ListStore;
use crate::service::Tasks;

/// Several times as long as a portion takes: whoever writes meanwhile has the rest of the time.
const REST: Duration = Duration::from_millis(20);

/// Takes everything away from people whose accounts are gone.
pub struct Leavers {
    tasks: Tasks,
    lists: Arc<dyn ListStore>,
}

impl Leavers {
    /// With these verbs and this store.
    pub fn new(tasks: Tasks, lists: Arc<dyn ListStore>) -> Arc<Self> {
        Arc::new(Self { tasks, lists })
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        let mut below = None;
        loop {
            match self.tasks.forget(user, below).await? {
                None => break,
                last => below = last,
            }
            tokio::time::sleep(REST).await;
        }
        while self.lists.forget_some(user).await? {
            tokio::time::sleep(REST).await;
        }
        Ok(())
    }
}

#[async_trait]
impl Consumer for Leavers {
    fn group(&self) -> &'static str {
        "tasks.leavers"
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    /// Each portion is a transaction of its own: whatever ends this, it goes on with what is left, and the position moves
    /// once nothing is.
    async fn handle(&self, facts: &[Fact], _: Along) -> Result<()> {
        for fact in facts {
            if let Some(UserDeleted { id }) = fact.read()? {
                self.forget(id).await?;
            }
        }
        Ok(())
    }
}
