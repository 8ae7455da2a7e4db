//! What follows from accounts that are gone: the clock puts nothing in for them any more, and none of their jobs stays.

use std::time::Duration;

use async_trait::async_trait;
use db::Along;
use stream::{Consumer, Fact};
use tokio::time::sleep;
use types::facts::accounts::{TOPIC, UserDeleted};
use types::{Error, Result, UserId};

use crate::store::SqlJobs;

/// Jobs removed in one transaction: each may have a report of many parts.
const PORTION: i64 = 20;
/// Between two portions: nobody waits for this.
const REST: Duration = Duration::from_millis(20);
/// How often a portion is tried that workers were in the way of, before it is put off.
const TRIES: usize = 20;

/// Takes everything away from people whose accounts are gone.
pub struct Leavers(pub SqlJobs);

impl Leavers {
    async fn forget(&self, user: UserId) -> Result<()> {
        // First, for otherwise there would be more of what comes next.
        self.0.forget_settings(user).await?;
        let mut tries = 0;
        loop {
            let some = self.0.some_of(user, PORTION).await?;
            if some.is_empty() {
                return Ok(());
            }
            tries = if self.0.forget(&some).await? { 0 } else { tries + 1 };
            if tries == TRIES {
                return Err(Error::Stale);
            }
            sleep(REST).await;
        }
    }
}

#[async_trait]
impl Consumer for Leavers {
    fn group(&self) -> &'static str {
        "jobs.leavers"
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    /// Each portion is a transaction of its own, and what ends this in the middle costs nothing: what is left is done again.
    async fn handle(&self, facts: &[Fact], _: Along) -> Result<()> {
        for fact in facts {
            if let Some(UserDeleted { id }) = fact.read()? {
                self.forget(id).await?;
            }
        }
        Ok(())
    }
}
