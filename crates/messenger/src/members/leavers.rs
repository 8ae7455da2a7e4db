//! What follows from accounts that are gone: whoever had one is in no group and on no list. What they said stays where there
//! is somebody who sees it; where nobody does any more, only its places stay.

mod store;

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use stream::{Consumer, each};
use tokio::time::sleep;
use types::facts::accounts::UserDeleted;
use types::{ChatId, Clock, Result, UserId};

use super::Members;
use crate::blocks::BlockStore;
use store::SqlLeft;

/// Between two portions: nobody waits for this.
const REST: Duration = Duration::from_millis(20);

/// Takes people out of the messenger whose accounts are gone, in this database, with these verbs and this store.
pub fn leavers(
    db: &Db,
    members: Members,
    blocks: Arc<dyn BlockStore>,
    clock: Arc<dyn Clock>,
) -> Arc<dyn Consumer> {
    let leavers = Arc::new(Leavers { members, blocks, left: SqlLeft::new(db.clone()), clock });
    each("messenger.leavers", move |UserDeleted { id }| {
        let leavers = leavers.clone();
        async move { leavers.forget(id).await }
    })
}

struct Leavers {
    members: Members,
    blocks: Arc<dyn BlockStore>,
    left: SqlLeft,
    clock: Arc<dyn Clock>,
}

impl Leavers {
    async fn forget(&self, user: UserId) -> Result<()> {
        self.turn_away(user).await?;
        self.members.leave_all(user).await?;
        while self.left.forget_keys(user).await? || self.left.forget_hidden(user).await? {
            sleep(REST).await;
        }
        self.blocks.forget(user).await
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
