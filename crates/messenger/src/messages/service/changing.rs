//! Saying it differently, and taking it back.

use db::Along;
use types::facts::Tell;
use types::facts::messages::{MessageDeleted, MessageEdited, MessageHidden};
use types::{Caller, Error, Expected, MessageId, Result};

use super::{Messages, TRIES};
use crate::chats::Rank;
use crate::messages::{DELETED, Edit, Message, NOT_YOURS, said};

impl Messages {
    /// Makes one of the caller's messages say something else; what it said before is kept.
    pub async fn edit(
        &self,
        caller: &Caller,
        id: MessageId,
        text: &str,
        expected: &Expected,
    ) -> Result<Message> {
        let text = said("text", text)?;
        for _ in 0..TRIES {
            let before = self.find(caller, id).await?;
            if before.user != caller.user {
                return Err(Error::Forbidden(NOT_YOURS));
            }
            // Whom the other one does not want to hear of may not go on in old messages.
            self.chats.seat_to_talk(caller.user, before.chat).await?;
            expected.met_by(before.version)?;
            if before.deleted_at.is_some() {
                return Err(Error::Conflict(DELETED));
            }
            if before.text.as_ref() == Some(&text) {
                return Ok(before);
            }
            let fact = MessageEdited { chat: before.chat, id, by: caller.user };
            let after = before.saying(text.clone(), self.clock.now());
            if self.store.edit(&before, &after, self.along(&fact)?).await? {
                return Ok(after);
            }
        }
        Err(expected.missed())
    }

    /// Deletes a message for all: one's own, or in a group that one looks after anybody's of no higher rank.
    pub async fn delete(&self, caller: &Caller, id: MessageId, expected: &Expected) -> Result<()> {
        for _ in 0..TRIES {
            let before = self.find(caller, id).await?;
            let is_own = before.user == caller.user;
            if !is_own && self.chats.seat_of(caller.user, before.chat).await?.rank < Rank::Admin {
                return Err(Error::Forbidden(NOT_YOURS));
            }
            if before.deleted_at.is_some() {
                // Deleting twice is no mistake.
                return Ok(());
            }
            expected.met_by(before.version)?;
            let fact = MessageDeleted { chat: before.chat, id, by: caller.user };
            if self.store.delete(&before, self.clock.now(), self.along(&fact)?).await? {
                return Ok(());
            }
        }
        Err(expected.missed())
    }

    /// Deletes a message for the caller alone.
    pub async fn hide(&self, caller: &Caller, id: MessageId) -> Result<()> {
        let message = self.find(caller, id).await?;
        let fact = MessageHidden { chat: message.chat, id, user: caller.user };
        // Hidden twice, it is hidden.
        self.store.hide(caller.user, &message, self.along(&fact)?).await.map(drop)
    }

    /// What a message said before, oldest first.
    pub async fn history(&self, caller: &Caller, id: MessageId) -> Result<Vec<Edit>> {
        let message = self.find(caller, id).await?;
        if message.text.is_none() { Ok(Vec::new()) } else { self.store.history(id).await }
    }

    pub(super) fn along<T: Tell>(&self, fact: &T) -> Result<Along> {
        Ok(Along::none().with(self.teller.tell(fact)?))
    }
}
