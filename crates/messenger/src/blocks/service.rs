//! What can be done about people one does not want to hear of.

use std::sync::Arc;

use async_trait::async_trait;
use types::{Caller, Clock, Error, Result, Timestamp, UserId};

use super::{Blocked, ONESELF};
use crate::chats::{NO_PERSON, People};

/// Where blocks are kept.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait BlockStore: Send + Sync {
    /// This person blocks that one, since now unless they did before.
    async fn block(&self, user: UserId, blocked: UserId, now: Timestamp) -> Result<()>;
    /// This person does not block that one.
    async fn unblock(&self, user: UserId, blocked: UserId) -> Result<()>;
    /// Whom this person blocks, after that one, by their ids.
    async fn list(&self, user: UserId, after: Option<UserId>, limit: i64) -> Result<Vec<Blocked>>;
    /// Forgets whom this person blocks, and who blocks them.
    async fn forget(&self, user: UserId) -> Result<()>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Blocks {
    store: Arc<dyn BlockStore>,
    people: Arc<dyn People>,
    clock: Arc<dyn Clock>,
}

impl Blocks {
    /// Over this store.
    pub fn new(store: Arc<dyn BlockStore>, people: Arc<dyn People>, clock: Arc<dyn Clock>) -> Self {
        Self { store, people, clock }
    }

    /// Has the caller hear of somebody no more.
    pub async fn block(&self, caller: &Caller, user: UserId) -> Result<()> {
        if user == caller.user {
            return Err(Error::invalid("user_id", ONESELF));
        }
        if self.people.known(&[user]).await?.is_empty() {
            return Err(Error::NotFound(NO_PERSON));
        }
        self.store.block(caller.user, user, self.clock.now()).await
    }

    /// Has the caller hear of somebody again, also of one who is gone or never was blocked.
    pub async fn unblock(&self, caller: &Caller, user: UserId) -> Result<()> {
        self.store.unblock(caller.user, user).await
    }

    /// Whom the caller blocks, by their ids.
    pub async fn list(&self, caller: &Caller, after: Option<UserId>, limit: i64) -> Result<Vec<Blocked>> {
        self.store.list(caller.user, after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use testkit::StillClock;
    use types::{Role, SessionId};

    use super::*;
    use crate::chats::MockPeople;

    const ANNA: Caller =
        Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
    const BEN: UserId = UserId::trusted(2);

    fn blocks(store: MockBlockStore, known: &'static [UserId]) -> Blocks {
        let mut people = MockPeople::new();
        people.expect_known().returning(|_| Ok(known.to_vec()));
        Blocks::new(Arc::new(store), Arc::new(people), Arc::new(StillClock::default()))
    }

    #[test]
    fn nobody_blocks_themself_or_nobody() {
        let blocked = |known, user| blocks(MockBlockStore::new(), known).block(&ANNA, user).now_or_never();
        assert!(matches!(blocked(&[ANNA.user], ANNA.user), Some(Err(Error::Invalid(_)))));
        assert!(matches!(blocked(&[], BEN), Some(Err(Error::NotFound(NO_PERSON)))));
    }

    #[test]
    fn somebody_is_blocked_by_the_caller_and_not_the_other_way_round() {
        let mut store = MockBlockStore::new();
        let wanted = |by: &UserId, user: &UserId, _: &Timestamp| (*by, *user) == (ANNA.user, BEN);
        store.expect_block().once().withf(wanted).returning(|_, _, _| Ok(()));
        blocks(store, &[BEN]).block(&ANNA, BEN).now_or_never().unwrap().unwrap();
    }
}
