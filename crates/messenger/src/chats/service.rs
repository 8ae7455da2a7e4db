//! What can be done with chats, and by whom.

mod glance;
mod groups;

use std::sync::Arc;

use api::idempotency::{Key, Made};
use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::messages::ChatChanged;
use types::{Caller, ChatId, Clock, Error, Ids, Result, Timestamp, UserId};

pub use glance::Glance;

use super::{BLOCKED, Chat, Direct, Kind, NO_CHAT, NO_PERSON, NewGroup, Seat, Unread, View};

/// Where chats are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ChatStore: Send + Sync {
    /// The chat of these two.
    async fn direct(&self, one: UserId, other: UserId) -> Result<Option<Direct>>;
    /// Whether one of these two blocks the other.
    async fn is_blocked(&self, one: UserId, other: UserId) -> Result<bool>;
    /// Makes the chat of these two; false when there is one.
    async fn open(
        &self,
        id: ChatId,
        one: UserId,
        other: UserId,
        now: Timestamp,
        along: Along,
    ) -> Result<bool>;
    /// Makes a group.
    async fn make(&self, group: &NewGroup, along: Along) -> Result<()>;
    /// What this person made with this key.
    async fn made(&self, user: UserId, key: &Key) -> Result<Option<Made>>;
    /// Calls a group what it is called now; false when it is not the version before this one that is there.
    async fn rename(&self, renamed: &Chat, along: Along) -> Result<bool>;
    /// Those of these who block this person.
    async fn blocking(&self, user: UserId, among: &[UserId]) -> Result<Vec<UserId>>;
    /// The chats in which this person has not read all.
    async fn unread(&self, user: UserId) -> Result<Vec<Unread>>;
    /// This person's place in the chat.
    async fn seat(&self, user: UserId, chat: ChatId) -> Result<Option<Seat>>;
    /// The chat as it is shown to this member.
    async fn view(&self, user: UserId, chat: ChatId) -> Result<Option<View>>;
    /// The chats of this person, of one kind or of all, those first in which something was said last.
    async fn views(
        &self,
        user: UserId,
        kind: Option<Kind>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, View)>>;
}

/// Who there is to talk with.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait People: Send + Sync {
    /// Those of these who have an account.
    async fn known(&self, ids: &[UserId]) -> Result<Vec<UserId>>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Chats {
    store: Arc<dyn ChatStore>,
    people: Arc<dyn People>,
    teller: Teller,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Chats {
    /// Over this store.
    pub fn new(
        store: Arc<dyn ChatStore>,
        people: Arc<dyn People>,
        teller: Teller,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, people, teller, ids, clock }
    }

    /// The chat with this person, which is there from the first time that it is asked for.
    pub async fn with(&self, caller: &Caller, pal: UserId) -> Result<ChatId> {
        self.open_with(caller, pal, None).await
    }

    async fn open_with(&self, caller: &Caller, pal: UserId, key: Option<&Key>) -> Result<ChatId> {
        loop {
            if let Some(direct) = self.store.direct(caller.user, pal).await? {
                return if direct.blocked { Err(Error::Forbidden(BLOCKED)) } else { Ok(direct.id) };
            }
            if self.people.known(&[pal]).await?.is_empty() {
                return Err(Error::NotFound(NO_PERSON));
            }
            if self.store.is_blocked(caller.user, pal).await? {
                return Err(Error::Forbidden(BLOCKED));
            }
            let chat = self.ids.next()?;
            let now = self.clock.now();
            if self.store.open(chat, caller.user, pal, now, self.telling(caller, chat, now, key)?).await? {
                return Ok(chat);
            }
        }
    }

    /// That there is a new chat, and the key that it was made with.
    fn telling(&self, caller: &Caller, chat: ChatId, now: Timestamp, key: Option<&Key>) -> Result<Along> {
        let along = Along::none().with(self.teller.tell(&ChatChanged { chat, by: caller.user })?);
        let kept = key.map(|key| key.kept(caller.user, chat.number(), 1, now));
        Ok(kept.into_iter().fold(along, Along::with))
    }

    /// The chat with this person, if there is one.
    pub async fn find_with(&self, caller: &Caller, pal: UserId) -> Result<Option<Direct>> {
        self.store.direct(caller.user, pal).await
    }

    /// One of the caller's chats, to be shown.
    pub async fn find(&self, caller: &Caller, chat: ChatId) -> Result<View> {
        self.store.view(caller.user, chat).await?.ok_or(Error::NotFound(NO_CHAT))
    }

    /// This person's place in one of their chats.
    pub(crate) async fn seat_of(&self, user: UserId, chat: ChatId) -> Result<Seat> {
        self.store.seat(user, chat).await?.ok_or(Error::NotFound(NO_CHAT))
    }

    /// The same, if it is a group.
    pub(crate) async fn seat_in_group(&self, user: UserId, chat: ChatId) -> Result<Seat> {
        let seat = self.seat_of(user, chat).await?;
        seat.chat.kind.must_be_group()?;
        Ok(seat)
    }

    /// The same, if they may talk there now.
    pub(crate) async fn seat_to_talk(&self, user: UserId, chat: ChatId) -> Result<Seat> {
        let seat = self.seat_of(user, chat).await?;
        if seat.blocked { Err(Error::Forbidden(BLOCKED)) } else { Ok(seat) }
    }

    /// The caller's chats, and by what the page after each goes on.
    pub async fn list(
        &self,
        caller: &Caller,
        kind: Option<Kind>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, View)>> {
        self.store.views(caller.user, kind, before, limit).await
    }
}

#[cfg(test)]
mod tests;
