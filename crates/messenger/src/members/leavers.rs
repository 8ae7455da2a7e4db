//! What follows from accounts that are gone: whoever had one is in no group and on no list. What they said stays where there
//! is somebody who sees it; where nobody does any more, only its places stay.

mod store;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::{Along, Db};
use stream::{Consumer, Fact};
use tokio::time::sleep;
use types::facts::accounts::{TOPIC, UserDeleted};
use types::{ChatId, Clock, Result, UserId};

use super::Members;
use crate::blocks::BlockStore;
use store::SqlLeft;

/// The group that hears of it.
const GROUP: &str = "messenger.leavers";
/// Between two portions: nobody waits for this.
const REST: Duration = Duration::from_millis(20);

/// Takes people out of the messenger whose accounts are gone.
pub struct Leavers {
    members: Members,
    blocks: Arc<dyn BlockStore>,
    left: SqlLeft,
    clock: Arc<dyn Clock>,
}

impl Leavers {
    /// In this database, with these verbs and this store.
    pub fn new(db: &Db, members: Members, blocks: Arc<dyn BlockStore>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { members, blocks, left: SqlLeft::new(db.clone()), clock })
    }

    /// Nobody may see any more what was said in a chat in which they were the last one: with oneself, with somebody who is gone
    /// too, in a group that others have left. It is looked for while they are in it still, and so whatever ends this begins
    /// again.
    async fn turn_away(&self, user: UserId) -> Result<()> {
        let mut last = None;
        loop {
            let chats = self.left.look_away(user, last).await?;
            for chat in &chats {
                if !self.left.is_seen(*chat).await? {
                    self.silence(*chat).await?;
                }
            }
            last = chats.last().copied();
            if last.is_none() {
                return Ok(());
            }
            sleep(REST).await;
        }
    }

    async fn silence(&self, chat: ChatId) -> Result<()> {
        let mut after = 0;
        while let Some(last) = self.left.silence(chat, after, self.clock.now()).await? {
            after = last;
            sleep(REST).await;
        }
        Ok(())
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

    /// What somebody leaves behind may be more than one transaction holds. To leave twice is to leave once, so all of it goes
    /// before, and the last of it is in the transaction that moves on.
    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let gone = facts.iter().filter_map(|fact| fact.read::<UserDeleted>().transpose());
        let gone: Vec<UserId> = gone.map(|fact| fact.map(|fact| fact.id)).collect::<Result<_>>()?;
        if gone.is_empty() {
            return Ok(());
        }
        for user in &gone {
            self.turn_away(*user).await?;
            self.members.leave_all(*user).await?;
            while self.left.forget_keys(*user).await? || self.left.forget_hidden(*user).await? {
                sleep(REST).await;
            }
        }
        self.blocks.forget(&gone, along).await
    }
}
