//! What can be done with messages, and by whom.

mod changing;
mod reading;

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::messages::MessageSent;
use types::{Caller, ChatId, Clock, Error, Ids, MessageId, Result, Timestamp, UserId, check};

use super::{Edit, KEY_TAKEN, LONGEST_KEY, Message, NO_MESSAGE, NewMessage, said};
use crate::chats::{Chats, Kind, NO_CHAT, Seat, View};

/// How often a change is tried again when another one came between reading and writing.
const TRIES: usize = 3;

/// Where messages are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Gives a message the next place in its chat; false when its key is taken or its writer is no member.
    async fn insert(&self, message: &NewMessage, along: Along) -> Result<bool>;
    /// The message with this id as this member sees it.
    async fn find(&self, user: UserId, id: MessageId) -> Result<Option<Message>>;
    /// What this person called so in this chat.
    async fn keyed(&self, user: UserId, chat: ChatId, key: &str) -> Result<Option<MessageId>>;
    /// Messages of this chat as this member sees them, newest first, with places after the first and before the second.
    async fn between(
        &self,
        user: UserId,
        chat: ChatId,
        after: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Message>>;
    /// Makes it say something else, and keeps what it said; false when it is not what was before.
    async fn edit(&self, before: &Message, after: &Message, along: Along) -> Result<bool>;
    /// Takes from it what it says and ever said; false when it is not what was before.
    async fn delete(&self, before: &Message, now: Timestamp, along: Along) -> Result<bool>;
    /// Takes it out of this person's sight; false when it is out of it already.
    async fn hide(&self, user: UserId, message: &Message, along: Along) -> Result<bool>;
    /// What it said before, oldest first.
    async fn history(&self, id: MessageId) -> Result<Vec<Edit>>;
    /// How many messages this person wrote in a chat after one place and up to another.
    async fn count_own(&self, user: UserId, chat: ChatId, after: i64, upto: i64) -> Result<i64>;
    /// Moves on how far this person has read, past so many messages of their own; false when they moved meanwhile.
    async fn read(
        &self,
        user: UserId,
        seat: &Seat,
        upto: i64,
        own: i64,
        now: Timestamp,
        along: Along,
    ) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn MessageStore>,
    chats: Chats,
    teller: Teller,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Messages {
    /// Over this store.
    pub fn new(
        store: Arc<dyn MessageStore>,
        chats: Chats,
        teller: Teller,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, chats, teller, ids, clock }
    }

    /// Says something to somebody.
    pub async fn send_to(
        &self,
        caller: &Caller,
        pal: UserId,
        field: &'static str,
        text: &str,
    ) -> Result<NewMessage> {
        let text = said(field, text)?;
        let chat = self.chats.with(caller, pal).await?;
        let message = self.drafted(caller, chat, text, None)?;
        if self.store.insert(&message, self.telling(&message, Some(pal))?).await? {
            Ok(message)
        } else {
            Err(Error::NotFound(NO_CHAT))
        }
    }

    /// Says something in a chat. What was said with the same key is not said again.
    pub async fn send(
        &self,
        caller: &Caller,
        chat: ChatId,
        text: &str,
        key: Option<&str>,
    ) -> Result<Message> {
        let mut checks = check::Checks::default();
        let text = checks.take(said("text", text));
        let key = key.map(|key| checks.take(check::line("client_key", key, LONGEST_KEY)));
        checks.done()?;
        let seat = self.chats.seat_to_talk(caller.user, chat).await?;

        let message = self.drafted(caller, chat, text.unwrap_or_default(), key.flatten())?;
        if self.store.insert(&message, self.telling(&message, seat.pal)?).await? {
            return self.find(caller, message.id).await;
        }
        let Some(key) = &message.client_key else { return Err(Error::NotFound(NO_CHAT)) };
        let before = self.store.keyed(caller.user, chat, key).await?.ok_or(Error::NotFound(NO_CHAT))?;
        let before = self.find(caller, before).await?;
        // One that was edited or deleted meanwhile is still the same message.
        let same = before.version > 1 || before.text.as_deref() == Some(&message.text);
        if same { Ok(before) } else { Err(Error::Conflict(KEY_TAKEN)) }
    }

    /// A message that the caller may see.
    pub async fn find(&self, caller: &Caller, id: MessageId) -> Result<Message> {
        self.store.find(caller.user, id).await?.ok_or(Error::NotFound(NO_MESSAGE))
    }

    /// What was said in a chat, newest first: before a place, after another.
    pub async fn list(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: i64,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Message>> {
        let seat = self.chats.seat_of(caller.user, chat).await?;
        let before = before.unwrap_or(i64::MAX);
        self.store.between(caller.user, chat, after.max(seat.seen_from), before, limit).await
    }

    /// What the caller and this person said to each other, newest first, from so many messages ago on.
    pub async fn list_with(
        &self,
        caller: &Caller,
        pal: UserId,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        let Some(chat) = self.chats.find_with(caller, pal).await? else { return Ok(Vec::new()) };
        let newest = chat.last_seq.saturating_sub(offset);
        self.store.between(caller.user, chat.id, newest - limit, newest + 1, limit).await
    }

    /// The caller's chats of two, those first in which something was said last.
    pub async fn partners(&self, caller: &Caller, limit: i64) -> Result<Vec<View>> {
        let views = self.chats.list(caller, Some(Kind::Direct), None, limit).await?;
        Ok(views.into_iter().map(|(_, view)| view).filter(|view| view.last.is_some()).collect())
    }

    fn drafted(
        &self,
        caller: &Caller,
        chat: ChatId,
        text: String,
        key: Option<String>,
    ) -> Result<NewMessage> {
        let created_at = self.clock.now();
        Ok(NewMessage { id: self.ids.next()?, chat, user: caller.user, text, client_key: key, created_at })
    }

    fn telling(&self, message: &NewMessage, to: Option<UserId>) -> Result<Along> {
        let NewMessage { id, chat, user, created_at, .. } = message;
        self.along(&MessageSent { chat: *chat, id: *id, from: *user, to, at: *created_at })
    }
}

#[cfg(test)]
mod tests;
