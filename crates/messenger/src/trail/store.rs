//! Receipts in the database.

use db::{Db, FromRow, Row, Sql, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

use super::{Arrival, Marks, Stage};
use crate::messages::Message;

/// Receipts in the table `receipts`, marks in `messages`.
#[derive(Clone)]
pub struct SqlTrails {
    db: Db,
}

impl SqlTrails {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// What became of this message in the house.
    pub async fn marks(&self, id: MessageId) -> Result<Option<Marks>> {
        Ok(self.db.first(sql!("select published_at, processed_at from messages where id = ?", id)).await?)
    }

    /// What became of it at those members whom it reached, newest first.
    pub async fn arrivals(&self, message: &Message, limit: i64) -> Result<Vec<Arrival>> {
        // Members alone are looked through, each with the first of their rows that reaches the place.
        let arrivals = sql!(
            "select a.user_id, a.delivered_at, a.read_at from (select m.user_id, \
             (select r.at from receipts r where r.chat_id = m.chat_id and r.user_id = m.user_id and r.stage = ? \
             and r.upto_seq >= ? order by r.upto_seq limit 1) as delivered_at, \
             (select r.at from receipts r where r.chat_id = m.chat_id and r.user_id = m.user_id and r.stage = ? \
             and r.upto_seq >= ? order by r.upto_seq limit 1) as read_at \
             from members m where m.chat_id = ? and m.joined_seq < ? and (m.user_id <> ? or m.pal_id = m.user_id)) a \
             where coalesce(a.delivered_at, a.read_at) is not null \
             order by coalesce(a.read_at, a.delivered_at) desc, a.user_id limit ?",
            Stage::Delivered.number(),
            message.seq,
            Stage::Read.number(),
            message.seq,
            message.chat,
            message.seq,
            message.user,
            limit
        );
        // Groups may be large.
        Ok(self.db.scan(arrivals).await?)
    }
}

/// Notes that this member has come so far, in the batch in which their cursor moves. It touches a row, or none where
/// they had come as far before or are no member: add it with `Batch::any`.
pub fn receipt(stage: Stage, user: UserId, chat: ChatId, upto: i64, at: Timestamp) -> Sql {
    sql!(
        "insert into receipts (chat_id, user_id, stage, upto_seq, at) \
         select m.chat_id, m.user_id, ?, ?, ? from members m where m.user_id = ? and m.chat_id = ? \
         and not exists (select 1 from receipts r where r.chat_id = m.chat_id and r.user_id = m.user_id \
         and r.stage = ? and r.upto_seq >= ?) \
         on conflict (upto_seq, chat_id, user_id, stage) do nothing",
        stage.number(),
        upto,
        at,
        user,
        chat,
        stage.number(),
        upto
    )
}

impl FromRow for Marks {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { published: row.get(0)?, processed: row.get(1)? })
    }
}

impl FromRow for Arrival {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { user: row.get(0)?, delivered: row.get(1)?, read: row.get(2)? })
    }
}
