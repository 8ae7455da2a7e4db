//! What can be done with members, and by whom. Each change counts up the chat's version and is meant for the one that was
//! read, so that what was decided by is still so when it is written.

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::messages::{MemberJoined, MemberLeft};
use types::{Caller, ChatId, Clock, Error, Result, Timestamp, UserId};

use super::{FULL, MOST, Member, NO_MEMBER, Place, Wish};
use crate::chats::{Chat, Chats, NO_PERSON, NO_RIGHT, People, Rank, TRIES};

/// Groups that whoever is gone leaves between two looks at which are left.
const TOGETHER: i64 = 100;

/// Where members are kept. What goes `along` is committed with the write or not at all; a write counts up the version of
/// its chat, and is false when another one is there than was read.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait MemberStore: Send + Sync {
    /// A member of this chat.
    async fn find(&self, chat: ChatId, user: UserId) -> Result<Option<Member>>;
    /// The members of this chat after this one, by their ids.
    async fn list(&self, chat: ChatId, after: Option<UserId>, limit: i64) -> Result<Vec<Member>>;
    /// How many are in this chat.
    async fn count(&self, chat: ChatId) -> Result<i64>;
    /// Whose the group becomes without this member: of those who may most, whoever is in it longest.
    async fn heir(&self, chat: ChatId, without: UserId) -> Result<Option<UserId>>;
    /// Groups that this person is in.
    async fn groups_of(&self, user: UserId, limit: i64) -> Result<Vec<ChatId>>;
    /// Gives somebody a place in the group, or another one.
    async fn put(&self, chat: &Chat, place: &Place, now: Timestamp, along: Along) -> Result<bool>;
    /// Takes a member out of the group, which is the heir's from then on if there is one.
    async fn remove(
        &self,
        chat: &Chat,
        user: UserId,
        heir: Option<UserId>,
        now: Timestamp,
        along: Along,
    ) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Members {
    store: Arc<dyn MemberStore>,
    chats: Chats,
    people: Arc<dyn People>,
    teller: Teller,
    clock: Arc<dyn Clock>,
}

impl Members {
    /// Over this store.
    pub fn new(
        store: Arc<dyn MemberStore>,
        chats: Chats,
        people: Arc<dyn People>,
        teller: Teller,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, chats, people, teller, clock }
    }

    /// Who is in one of the caller's chats, by their ids.
    pub async fn list(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<Member>> {
        self.chats.seat_of(caller.user, chat).await?;
        self.store.list(chat, after, limit).await
    }

    /// Lets somebody into a group, or makes them another kind of member; and whether they are new.
    pub async fn put(
        &self,
        caller: &Caller,
        chat: ChatId,
        user: UserId,
        wish: Wish,
    ) -> Result<(Member, bool)> {
        for _ in 0..TRIES {
            let seat = self.chats.seat_in_group(caller.user, chat).await?;
            let member = self.store.find(chat, user).await?;
            let Some(place) = wish.by((caller.user, seat.rank), user, member.as_ref())? else {
                return member.map(|member| (member, false)).ok_or(Error::NotFound(NO_MEMBER));
            };
            if place.is_new {
                self.may_join(caller, chat, user).await?;
            }

            let along = self.joined(Along::none(), chat, user, caller.user)?;
            let along = match place.former_owner {
                Some(former) => self.joined(along, chat, former, caller.user)?,
                None => along,
            };
            if self.store.put(&seat.chat, &place, self.clock.now(), along).await? {
                let member = self.store.find(chat, user).await?.ok_or(Error::NotFound(NO_MEMBER))?;
                return Ok((member, place.is_new));
            }
        }
        Err(Error::Stale)
    }

    async fn may_join(&self, caller: &Caller, chat: ChatId, user: UserId) -> Result<()> {
        if self.people.known(&[user]).await?.is_empty() {
            return Err(Error::NotFound(NO_PERSON));
        }
        self.chats.refuse_blocked(caller, &[user]).await?;
        if self.store.count(chat).await? >= MOST { Err(Error::Conflict(FULL)) } else { Ok(()) }
    }

    /// Takes somebody out of a group: the caller themself, or somebody who may less.
    pub async fn remove(&self, caller: &Caller, chat: ChatId, user: UserId) -> Result<()> {
        if user == caller.user {
            return self.leave(user, chat).await;
        }
        for _ in 0..TRIES {
            let seat = self.chats.seat_in_group(caller.user, chat).await?;
            seat.rank.at_least(Rank::Admin)?;
            let member = self.store.find(chat, user).await?.ok_or(Error::NotFound(NO_MEMBER))?;
            if member.rank >= seat.rank {
                return Err(Error::Forbidden(NO_RIGHT));
            }
            let along = self.left(chat, user, caller.user)?;
            if self.store.remove(&seat.chat, user, None, self.clock.now(), along).await? {
                return Ok(());
            }
        }
        Err(Error::Stale)
    }

    /// Takes this person out of all their groups.
    pub async fn leave_all(&self, user: UserId) -> Result<()> {
        loop {
            let groups = self.store.groups_of(user, TOGETHER).await?;
            for chat in &groups {
                match self.leave(user, *chat).await {
                    // Somebody else has taken them out meanwhile.
                    Err(Error::NotFound(_)) => {}
                    left => left?,
                }
            }
            if groups.is_empty() {
                return Ok(());
            }
        }
    }

    async fn leave(&self, user: UserId, chat: ChatId) -> Result<()> {
        for _ in 0..TRIES {
            let seat = self.chats.seat_in_group(user, chat).await?;
            let heir = match seat.rank {
                Rank::Owner => self.store.heir(chat, user).await?,
                Rank::Admin | Rank::Member => None,
            };
            let along = self.left(chat, user, user)?;
            let along = match heir {
                Some(heir) => self.joined(along, chat, heir, user)?,
                None => along,
            };
            if self.store.remove(&seat.chat, user, heir, self.clock.now(), along).await? {
                return Ok(());
            }
        }
        Err(Error::Stale)
    }

    fn joined(&self, along: Along, chat: ChatId, user: UserId, by: UserId) -> Result<Along> {
        Ok(along.with(self.teller.tell(&MemberJoined { chat, user, by })?))
    }

    fn left(&self, chat: ChatId, user: UserId, by: UserId) -> Result<Along> {
        Ok(Along::none().with(self.teller.tell(&MemberLeft { chat, user, by })?))
    }
}

#[cfg(test)]
mod tests;
