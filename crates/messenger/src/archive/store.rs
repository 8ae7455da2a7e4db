//! What was said, read from beginning to end.

use db::{Db, FromRow, Row, sql};
use types::{ChatId, Result, UserId};

use super::Shelf;
use crate::chats::Kind;
use crate::messages::{MESSAGE, Message};

/// The tables of the messenger, as one person sees them.
#[derive(Clone)]
pub struct SqlArchive {
    db: Db,
}

impl SqlArchive {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The chats of this person from this one on.
    pub async fn shelves(&self, user: UserId, from: Option<ChatId>, limit: usize) -> Result<Vec<Shelf>> {
        let shelves = sql!(
            "select s.chat_id, c.kind, c.title, s.pal_id, s.seen_from, c.last_seq, s.read_seq \
             from members s join chats c on c.id = s.chat_id where s.user_id = ?",
            user
        )
        .opt(" and s.chat_id >= ?", from)
        .push(" order by s.chat_id limit ?")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.db.all(shelves).await?)
    }

    /// What was said in a chat after a place, also what this person does not see.
    pub async fn messages(
        &self,
        user: UserId,
        chat: ChatId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let list = sql!("select ").push(MESSAGE).push(
            " from messages m \
             left join gone_messages h on h.chat_id = m.chat_id and h.user_id = ? and h.seq = m.seq \
             where m.chat_id = ? and m.seq > ? order by m.seq limit ?",
        );
        let list = list.bind(user).bind(chat).bind(after).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.db.all(list).await?)
    }

    /// How far anybody else in it has read a chat.
    pub async fn read_by_others(&self, user: UserId, chat: ChatId) -> Result<i64> {
        let furthest =
            sql!("select max(read_seq) from members where chat_id = ? and user_id <> ?", chat, user);
        Ok(self.db.first::<Option<i64>>(furthest).await?.flatten().unwrap_or_default())
    }
}

impl FromRow for Shelf {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            chat: row.get(0)?,
            kind: Kind::of(row.get(1)?),
            title: row.get(2)?,
            pal: row.get(3)?,
            seen_from: row.get(4)?,
            last_seq: row.get(5)?,
            read_seq: row.get(6)?,
        })
    }
}
