//! What is different about a message from then on.

use db::{Along, Batch, UnlessMissed, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

use super::SqlMessages;
use crate::chats::Seat;
use crate::messages::{Edit, Message};

/// In `gone_messages`: everybody.
const ALL: i64 = 0;

impl SqlMessages {
    pub(super) async fn edited(&self, before: &Message, after: &Message, along: Along) -> Result<bool> {
        let keep = sql!(
            "insert into message_edits (message_id, version, text, written_at) \
             select id, version, text, coalesce(edited_at, created_at) from messages \
             where chat_id = ? and seq = ? and version = ? and deleted_at is null",
            before.chat,
            before.seq,
            before.version
        );
        let update = sql!(
            "update messages set text = ?, version = ?, edited_at = ? \
             where chat_id = ? and seq = ? and version = ? and deleted_at is null",
            after.text.as_deref(),
            after.version,
            after.edited_at,
            before.chat,
            before.seq,
            before.version
        );
        Ok(self.db.write(Batch::new().one(keep).one(update).along(along)).await.unless_missed()?)
    }

    pub(super) async fn deleted(&self, before: &Message, now: Timestamp, along: Along) -> Result<bool> {
        let Message { chat, seq, .. } = *before;
        let update = sql!(
            "update messages set text = null, version = version + 1, deleted_at = ? \
             where chat_id = ? and seq = ? and version = ? and deleted_at is null",
            now,
            chat,
            seq,
            before.version
        );
        let forget = sql!("delete from message_edits where message_id = ?", before.id);
        let gone = sql!(
            "insert into gone_messages (chat_id, user_id, seq, writer_id) values (?, ?, ?, ?)",
            chat,
            ALL,
            seq,
            before.user
        );
        let batch = Batch::new().one(update).any(forget).one(gone);
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }

    pub(super) async fn hidden(&self, user: UserId, message: &Message, along: Along) -> Result<bool> {
        let gone = sql!(
            "insert into gone_messages (chat_id, user_id, seq, writer_id) values (?, ?, ?, ?)",
            message.chat,
            user,
            message.seq,
            message.user
        );
        match self.db.write(Batch::of_one(gone).along(along)).await {
            Err(error) if error.is_constraint("gone_messages_pkey") => Ok(false),
            written => Ok(written.map(|()| true)?),
        }
    }

    pub(super) async fn edits(&self, id: MessageId) -> Result<Vec<Edit>> {
        let list = sql!(
            "select version, text, written_at from message_edits where message_id = ? order by version",
            id
        );
        let edits: Vec<(i64, String, Timestamp)> = self.db.all(list).await?;
        Ok(edits.into_iter().map(|(version, text, written_at)| Edit { version, text, written_at }).collect())
    }

    pub(super) async fn own_between(&self, user: UserId, chat: ChatId, after: i64, upto: i64) -> Result<i64> {
        let count = sql!(
            "select count(*) from messages where chat_id = ? and seq > ? and seq <= ? and user_id = ?",
            chat,
            after,
            upto,
            user
        );
        Ok(self.db.scan(count).await?.first().copied().unwrap_or_default())
    }

    pub(super) async fn read_on(
        &self,
        user: UserId,
        seat: &Seat,
        upto: i64,
        own: i64,
        along: Along,
    ) -> Result<bool> {
        let update = sql!(
            "update members set read_seq = ?, own_read = own_read + ? \
             where user_id = ? and chat_id = ? and read_seq = ? and joined_seq = ?",
            upto,
            own,
            user,
            seat.chat.id,
            seat.read_seq,
            seat.joined_seq
        );
        Ok(self.db.write(Batch::of_one(update).along(along)).await.unless_missed()?)
    }
}
