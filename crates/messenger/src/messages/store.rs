//! Messages in the database.

mod changing;

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, UnlessMissed, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

use super::service::MessageStore;
use super::{Edit, Message, NewMessage};
use crate::chats::Seat;

/// A message `m` as somebody sees it, from whom it is hidden where `h` is there: what [`Message::read`] reads.
pub const MESSAGE: &str =
    "m.chat_id, m.seq, m.id, m.user_id, m.text, m.version, m.created_at, m.edited_at, m.deleted_at, h.seq";

/// Messages in the table `messages`.
pub struct SqlMessages {
    db: Db,
}

impl SqlMessages {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MessageStore for SqlMessages {
    async fn insert(&self, message: &NewMessage, along: Along) -> Result<bool> {
        let NewMessage { id, chat, user, .. } = *message;
        let place = sql!("update chats set last_seq = last_seq + 1, last_id = ? where id = ?", id, chat);
        let insert = sql!(
            "insert into messages (chat_id, seq, id, user_id, text, version, created_at) \
             select id, last_seq, ?, ?, ?, 1, ? from chats where id = ?",
            id,
            user,
            message.text.as_str(),
            message.created_at,
            chat
        );
        let count = sql!("update members set sent = sent + 1 where user_id = ? and chat_id = ?", user, chat);
        let mut batch = Batch::new().one(place).one(insert).one(count);
        if let Some(key) = &message.client_key {
            batch = batch.one(sql!(
                "insert into message_keys (user_id, chat_id, client_key, message_id) values (?, ?, ?, ?)",
                user,
                chat,
                key.as_str(),
                id
            ));
        }
        match self.db.write(batch.along(along)).await {
            Err(error) if error.is_constraint("message_keys_pkey") => Ok(false),
            written => Ok(written.unless_missed()?),
        }
    }

    async fn find(&self, user: UserId, id: MessageId) -> Result<Option<Message>> {
        let find = sql!("select ").push(MESSAGE).push(
            " from messages m join members s on s.user_id = ? and s.chat_id = m.chat_id and s.seen_from < m.seq \
             left join gone_messages h on h.chat_id = m.chat_id and h.user_id = s.user_id and h.seq = m.seq \
             where m.id = ?",
        );
        Ok(self.db.first(find.bind(user).bind(id)).await?)
    }

    async fn keyed(&self, user: UserId, chat: ChatId, key: &str) -> Result<Option<MessageId>> {
        let find = sql!(
            "select message_id from message_keys where user_id = ? and chat_id = ? and client_key = ?",
            user,
            chat,
            key
        );
        Ok(self.db.first(find).await?)
    }

    async fn between(
        &self,
        user: UserId,
        chat: ChatId,
        after: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Message>> {
        let list = sql!("select ").push(MESSAGE).push(
            " from messages m \
             left join gone_messages h on h.chat_id = m.chat_id and h.user_id = ? and h.seq = m.seq \
             where m.chat_id = ? and m.seq > ? and m.seq < ? order by m.seq desc limit ?",
        );
        Ok(self.db.all(list.bind(user).bind(chat).bind(after).bind(before).bind(limit)).await?)
    }

    async fn edit(&self, before: &Message, after: &Message, along: Along) -> Result<bool> {
        self.edited(before, after, along).await
    }

    async fn delete(&self, before: &Message, now: Timestamp, along: Along) -> Result<bool> {
        self.deleted(before, now, along).await
    }

    async fn hide(&self, user: UserId, message: &Message, along: Along) -> Result<bool> {
        self.hidden(user, message, along).await
    }

    async fn history(&self, id: MessageId) -> Result<Vec<Edit>> {
        self.edits(id).await
    }

    async fn count_own(&self, user: UserId, chat: ChatId, after: i64, upto: i64) -> Result<i64> {
        self.own_between(user, chat, after, upto).await
    }

    async fn read(
        &self,
        user: UserId,
        seat: &Seat,
        upto: i64,
        own: i64,
        now: Timestamp,
        along: Along,
    ) -> Result<bool> {
        self.read_on(user, seat, upto, own, now, along).await
    }
}

impl Message {
    /// Reads one from these columns on, the last of which says whether it is hidden from whoever asks.
    pub(crate) fn read(row: &Row<'_>, at: usize) -> db::Result<Self> {
        let hidden: Option<i64> = row.get(at + 9)?;
        let text: Option<String> = row.get(at + 4)?;
        Ok(Self {
            chat: row.get(at)?,
            seq: row.get(at + 1)?,
            id: row.get(at + 2)?,
            user: row.get(at + 3)?,
            text: text.filter(|_| hidden.is_none()),
            version: row.get(at + 5)?,
            created_at: row.get(at + 6)?,
            edited_at: row.get(at + 7)?,
            deleted_at: row.get(at + 8)?,
        })
    }
}

impl FromRow for Message {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Self::read(row, 0)
    }
}
