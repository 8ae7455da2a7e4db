//! What the audit reads, in pieces.

use std::collections::{BTreeMap, HashSet};

use db::{Db, FromRow, Row, sql};
use types::Result;

use super::Seen;
use super::walk::Span;
use crate::chats::Kind;

/// Buckets that are read at once, but for those of one moment.
const BUCKETS: i64 = 20_000;

/// The tables of the messenger, read from end to end.
pub struct SqlAudit {
    db: Db,
}

/// Somebody's time in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Which chat.
    pub chat: i64,
    /// Who.
    pub user: i64,
    /// The other one, in a chat of two.
    pub pal: Option<i64>,
    /// What was said after this place,
    pub from: i64,
    /// up to this one.
    pub upto: i64,
}

impl Membership {
    const fn begun(&self) -> (i64, i64, i64) {
        (self.chat, self.user, self.from)
    }
}

impl SqlAudit {
    /// Of this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Chats in order, each with all of its places.
    pub async fn chats_after(&self, last: i64, limit: i64) -> Result<Vec<Span>> {
        let chats =
            sql!("select id, kind, last_seq from chats where id > ? order by id limit ?", last, limit);
        Ok(self.db.scan(chats).await?)
    }

    /// Who is and was in the chats after one, up to another.
    pub async fn members(&self, after: i64, upto: i64) -> Result<Vec<Membership>> {
        let here = sql!(
            "select chat_id, user_id, pal_id, joined_seq, null from members where chat_id > ? and chat_id <= ?",
            after,
            upto
        );
        let gone = sql!(
            "select chat_id, user_id, null, from_seq, to_seq from stays where chat_id > ? and chat_id <= ?",
            after,
            upto
        );
        let mut members = self.db.scan::<Membership>(here).await?;
        let mut gone = self.db.scan::<Membership>(gone).await?;
        // Whoever left in between was read twice.
        let left: HashSet<(i64, i64, i64)> = gone.iter().map(Membership::begun).collect();
        members.retain(|member| !left.contains(&member.begun()));
        members.append(&mut gone);
        Ok(members)
    }

    /// All messages of the chats after one, up to another.
    pub async fn messages_of(&self, after: i64, upto: i64) -> Result<Vec<Seen>> {
        let messages = sql!(
            "select chat_id, seq, user_id, created_at, published_at, processed_at from messages \
             where chat_id > ? and chat_id <= ? order by chat_id, seq",
            after,
            upto
        );
        Ok(self.db.scan(messages).await?)
    }

    /// A chat's messages after one place, up to another.
    pub async fn messages_in(&self, chat: i64, after: i64, upto: i64) -> Result<Vec<Seen>> {
        let messages = sql!(
            "select chat_id, seq, user_id, created_at, published_at, processed_at from messages \
             where chat_id = ? and seq > ? and seq <= ? order by seq",
            chat,
            after,
            upto
        );
        Ok(self.db.scan(messages).await?)
    }

    /// What the buckets of a series have, by whose they are.
    pub async fn totals(&self, series: i64) -> Result<BTreeMap<i64, i64>> {
        let (mut totals, mut after) = (BTreeMap::new(), i64::MIN);
        loop {
            let end = sql!(
                "select start from message_counts where series = ? and start > ? order by start, subject limit 1 offset ?",
                series,
                after,
                BUCKETS
            );
            let end: Option<i64> = self.db.scan(end).await?.pop();
            let upto = end.unwrap_or(i64::MAX);
            let buckets = sql!(
                "select subject, messages from message_counts where series = ? and start > ? and start <= ?",
                series,
                after,
                upto
            );
            for (subject, messages) in self.db.scan::<(i64, i64)>(buckets).await? {
                *totals.entry(subject).or_default() += messages;
            }
            if end.is_none() {
                return Ok(totals);
            }
            after = upto;
        }
    }
}

impl FromRow for Span {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let is_direct = Kind::of(row.get(1)?) == Kind::Direct;
        Ok(Self { id: row.get(0)?, is_direct, from: 0, upto: row.get(2)? })
    }
}

impl FromRow for Membership {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            chat: row.get(0)?,
            user: row.get(1)?,
            pal: row.get(2)?,
            from: row.get(3)?,
            upto: row.get::<Option<i64>>(4)?.unwrap_or(i64::MAX),
        })
    }
}

impl FromRow for Seen {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            chat: row.get(0)?,
            seq: row.get(1)?,
            user: row.get(2)?,
            created_at: row.get(3)?,
            published_at: row.get(4)?,
            processed_at: row.get(5)?,
        })
    }
}
