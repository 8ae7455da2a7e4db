//! What follows from accounts that are gone: whoever had one is in no group and on no list. What they said stays.

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::{Consumer, Fact};
use types::facts::accounts::{TOPIC, UserDeleted};
use types::{Result, UserId};

use super::Members;
use crate::blocks::BlockStore;

/// The group that hears of it.
const GROUP: &str = "messenger.leavers";

/// Takes people out of the messenger whose accounts are gone.
pub struct Leavers {
    members: Members,
    blocks: Arc<dyn BlockStore>,
}

impl Leavers {
    /// With these verbs and this store.
    pub fn new(members: Members, blocks: Arc<dyn BlockStore>) -> Arc<Self> {
        Arc::new(Self { members, blocks })
    }
}

#[async_trait]
impl Consumer for Leavers {
    fn group(&self) -> &'static str {
        GROUP
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    /// Somebody may be in more groups than one transaction holds. To leave one twice is to leave it once, so the groups
    /// go before, and the last of it is in the transaction that moves on.
    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let gone = facts.iter().filter_map(|fact| fact.read::<UserDeleted>().transpose());
        let gone: Vec<UserId> = gone.map(|fact| fact.map(|fact| fact.id)).collect::<Result<_>>()?;
        if gone.is_empty() {
            return Ok(());
        }
        for user in &gone {
            self.members.leave_all(*user).await?;
        }
        self.blocks.forget(&gone, along).await
    }
}
