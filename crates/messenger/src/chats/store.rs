//! Chats in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Sql, sql};
use types::{ChatId, Result, Timestamp, UserId};

use super::service::ChatStore;
use super::{Chat, Direct, Kind, Rank, Seat, in_order};
use crate::messages::Message;

/// Chats in the tables `chats`, `direct_chats` and `members`.
pub struct SqlChats {
    db: Db,
}

impl SqlChats {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

/// What a seat is read from, but for its conditions. What one wrote oneself is not unread, nor what is gone.
const SEAT: &str = "select c.last_id, c.id, c.kind, c.title, c.last_seq, c.version, c.created_at, c.updated_at, \
    m.pal_id, m.standing, m.joined_seq, m.seen_from, m.read_seq, c.last_seq - m.read_seq - (m.sent - m.own_read) \
    - (select count(distinct g.seq) from gone_messages g where g.chat_id = m.chat_id \
    and g.user_id in (0, m.user_id) and g.seq > m.read_seq and g.writer_id <> m.user_id), \
    l.chat_id, l.seq, l.id, l.user_id, l.text, l.version, l.created_at, l.edited_at, l.deleted_at, h.seq \
    from members m join chats c on c.id = m.chat_id \
    left join messages l on l.chat_id = c.id and l.seq = c.last_seq and l.seq > m.seen_from \
    left join gone_messages h on h.chat_id = c.id and h.user_id = m.user_id and h.seq = c.last_seq ";

#[async_trait]
impl ChatStore for SqlChats {
    async fn direct(&self, one: UserId, other: UserId) -> Result<Option<Direct>> {
        let (low, high) = in_order(one, other);
        let find = sql!(
            "select c.id, c.last_seq, (select count(*) from blocks b \
             where (b.user_id = ? and b.blocked_id = ?) or (b.user_id = ? and b.blocked_id = ?)) \
             from direct_chats d join chats c on c.id = d.chat_id where d.low_id = ? and d.high_id = ?",
            low,
            high,
            high,
            low,
            low,
            high
        );
        let found: Option<(ChatId, i64, i64)> = self.db.first(find).await?;
        Ok(found.map(|(id, last_seq, blocks)| Direct { id, last_seq, blocked: blocks > 0 }))
    }

    async fn is_blocked(&self, one: UserId, other: UserId) -> Result<bool> {
        let count = sql!(
            "select count(*) from blocks where (user_id = ? and blocked_id = ?) or (user_id = ? and blocked_id = ?)",
            one,
            other,
            other,
            one
        );
        Ok(self.db.first::<i64>(count).await?.is_some_and(|blocks| blocks > 0))
    }

    async fn open(
        &self,
        id: ChatId,
        one: UserId,
        other: UserId,
        now: Timestamp,
        along: Along,
    ) -> Result<bool> {
        let (low, high) = in_order(one, other);
        let direct =
            sql!("insert into direct_chats (low_id, high_id, chat_id) values (?, ?, ?)", low, high, id);
        let batch = Batch::of_one(direct).one(insert(id, Kind::Direct, None, now));
        let batch = batch.one(seated(id, low, Some(high), Rank::Member, now));
        let batch =
            if low == high { batch } else { batch.one(seated(id, high, Some(low), Rank::Member, now)) };
        match self.db.write(batch.along(along)).await {
            Err(error) if error.is_constraint("direct_chats_pkey") => Ok(false),
            written => Ok(written.map(|()| true)?),
        }
    }

    async fn seat(&self, user: UserId, chat: ChatId) -> Result<Option<Seat>> {
        let find =
            Sql::new(SEAT, Vec::new()).push("where m.user_id = ? and m.chat_id = ?").bind(user).bind(chat);
        Ok(self.db.first::<Found>(find).await?.map(|Found(_, seat)| seat))
    }

    async fn seats(
        &self,
        user: UserId,
        kind: Option<Kind>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Seat)>> {
        let list = Sql::new(SEAT, Vec::new())
            .push("where m.user_id = ?")
            .bind(user)
            .opt(" and c.kind = ?", kind.map(Kind::number))
            .opt(" and c.last_id < ?", before)
            .push(" order by c.last_id desc limit ?")
            .bind(limit);
        Ok(self.db.all::<Found>(list).await?.into_iter().map(|Found(at, seat)| (at, seat)).collect())
    }
}

/// A chat in which nothing was said yet: among the others it stands by when it was made.
fn insert(id: ChatId, kind: Kind, title: Option<&str>, now: Timestamp) -> Sql {
    sql!(
        "insert into chats (id, kind, title, last_seq, last_id, version, created_at, updated_at) \
         values (?, ?, ?, 0, ?, 1, ?, ?)",
        id,
        kind.number(),
        title,
        id,
        now,
        now
    )
}

/// A member from now on, who sees what is said from now on.
fn seated(chat: ChatId, user: UserId, pal: Option<UserId>, rank: Rank, now: Timestamp) -> Sql {
    sql!(
        "insert into members (user_id, chat_id, pal_id, standing, joined_seq, seen_from, read_seq, sent, own_read, joined_at) \
         select ?, id, ?, ?, last_seq, last_seq, last_seq, 0, 0, ? from chats where id = ?",
        user,
        pal,
        rank.number(),
        now,
        chat
    )
}

/// A seat, and the id by which it stands among the others.
struct Found(i64, Seat);

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let chat = Chat {
            id: row.get(1)?,
            kind: Kind::of(row.get(2)?),
            title: row.get(3)?,
            last_seq: row.get(4)?,
            version: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
        };
        let said: Option<i64> = row.get(14)?;
        Ok(Self(
            row.get(0)?,
            Seat {
                chat,
                pal: row.get(8)?,
                rank: Rank::of(row.get(9)?),
                joined_seq: row.get(10)?,
                seen_from: row.get(11)?,
                read_seq: row.get(12)?,
                unread: row.get(13)?,
                last: said.map(|_| Message::read(row, 14)).transpose()?,
            },
        ))
    }
}
