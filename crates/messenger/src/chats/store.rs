//! Chats in the database.

mod groups;

use api::idempotency::{self, Key, Made};
use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Sql, UnlessMissed, sql};
use types::{ChatId, Result, Timestamp, UserId};

use super::service::ChatStore;
use super::{Chat, Direct, Kind, NewGroup, Rank, Seat, Unread, View, in_order};
use crate::messages::{MESSAGE, Message};

/// A chat `c` and a member `s` of it: what [`Place`] reads.
const PLACE: &str = "c.id, c.kind, c.title, c.last_seq, c.version, c.created_at, c.updated_at, s.pal_id, s.standing, s.read_seq";

/// Chats in the tables `chats`, `direct_chats` and `members`.
pub struct SqlChats {
    db: Db,
}

impl SqlChats {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The chats of this person that are asked for. What one wrote oneself is not unread, nor what is gone.
    async fn viewed(
        &self,
        user: UserId,
        chat: Option<ChatId>,
        kind: Option<Kind>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Found>> {
        // Picked first by what they stand by: one has thousands of chats, and a page shows fifty.
        let picked = sql!(
            "select s.chat_id, c.last_id from members s join chats c on c.id = s.chat_id where s.user_id = ?",
            user
        )
        .opt(" and s.chat_id = ?", chat)
        .opt(" and c.kind = ?", kind.map(Kind::number))
        .opt(" and c.last_id < ?", before)
        .push(" order by c.last_id desc limit ?")
        .bind(limit);
        let views = sql!("select ")
            .push(PLACE)
            .push(
                ", p.last_id, c.last_seq - s.read_seq - (s.sent - s.own_read) \
                 - (select count(distinct g.seq) from gone_messages g where g.chat_id = s.chat_id \
                 and g.user_id in (0, s.user_id) and g.seq > s.read_seq and g.writer_id <> s.user_id), ",
            )
            .push(MESSAGE)
            .push(
                " from picked p join chats c on c.id = p.chat_id \
                 join members s on s.user_id = ? and s.chat_id = p.chat_id \
                 left join messages m on m.chat_id = c.id and m.seq = c.last_seq and m.seq > s.seen_from \
                 left join gone_messages h on h.chat_id = c.id and h.user_id = s.user_id and h.seq = c.last_seq \
                 order by p.last_id desc",
            )
            .bind(user);
        Ok(self.db.all(views.with("picked", picked)).await?)
    }
}

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

    async fn make(&self, group: &NewGroup, along: Along) -> Result<()> {
        Ok(self.db.write(groups::made(group).along(along)).await?)
    }

    async fn made(&self, user: UserId, key: &Key) -> Result<Option<Made>> {
        Ok(idempotency::found(&self.db, user, key).await?)
    }

    async fn rename(&self, renamed: &Chat, along: Along) -> Result<bool> {
        let batch = Batch::of_one(groups::renamed(renamed));
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }

    async fn blocking(&self, user: UserId, among: &[UserId]) -> Result<Vec<UserId>> {
        let mut blocking = Vec::new();
        for part in among.chunks(100) {
            blocking.extend(self.db.all::<UserId>(groups::blocking(user, part)).await?);
        }
        Ok(blocking)
    }

    async fn unread(&self, user: UserId) -> Result<Vec<Unread>> {
        let found: Vec<Unread> = self.db.scan(groups::unread(user)).await?;
        Ok(found.into_iter().filter(|chat| chat.unread > 0).collect())
    }

    async fn seat(&self, user: UserId, chat: ChatId) -> Result<Option<Seat>> {
        let seat = sql!("select ").push(PLACE).push(
            ", s.joined_seq, s.seen_from, \
             (select count(*) from blocks b where b.user_id = s.user_id and b.blocked_id = s.pal_id) \
             + (select count(*) from blocks b where b.user_id = s.pal_id and b.blocked_id = s.user_id) \
             from members s join chats c on c.id = s.chat_id where s.user_id = ? and s.chat_id = ?",
        );
        Ok(self.db.first(seat.bind(user).bind(chat)).await?)
    }

    async fn view(&self, user: UserId, chat: ChatId) -> Result<Option<View>> {
        Ok(self.viewed(user, Some(chat), None, None, 1).await?.pop().map(|Found(_, view)| view))
    }

    async fn views(
        &self,
        user: UserId,
        kind: Option<Kind>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, View)>> {
        let found = self.viewed(user, None, kind, before, limit).await?;
        Ok(found.into_iter().map(|Found(at, view)| (at, view)).collect())
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

/// What is known of a chat and of somebody in it, however it is asked for.
struct Place {
    chat: Chat,
    pal: Option<UserId>,
    rank: Rank,
    read_seq: i64,
}

/// A chat as it is shown, and the id by which it stands among the others.
struct Found(i64, View);

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let chat = Chat {
            id: row.get(0)?,
            kind: Kind::of(row.get(1)?),
            title: row.get(2)?,
            last_seq: row.get(3)?,
            version: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        };
        Ok(Self { chat, pal: row.get(7)?, rank: Rank::of(row.get(8)?), read_seq: row.get(9)? })
    }
}

impl FromRow for Seat {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let Place { chat, pal, rank, read_seq } = Place::from_row(row)?;
        let (joined_seq, seen_from) = (row.get(10)?, row.get(11)?);
        Ok(Self { chat, pal, rank, read_seq, joined_seq, seen_from, blocked: row.get::<i64>(12)? > 0 })
    }
}

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let Place { chat, pal, rank, read_seq } = Place::from_row(row)?;
        let said: Option<i64> = row.get(12)?;
        let last = said.map(|_| Message::read(row, 12)).transpose()?;
        Ok(Self(row.get(10)?, View { chat, pal, rank, read_seq, unread: row.get(11)?, last }))
    }
}
