//! Members in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Sql, UnlessMissed, sql};
use types::{ChatId, Result, Timestamp, UserId};

use super::service::MemberStore;
use super::{Member, Place};
use crate::chats::{Chat, Kind, Rank};

/// Members in the table `members`, and those who were in `stays`.
pub struct SqlMembers {
    db: Db,
}

impl SqlMembers {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl MemberStore for SqlMembers {
    async fn find(&self, chat: ChatId, user: UserId) -> Result<Option<Member>> {
        let find = sql!(
            "select user_id, standing, seen_from, read_seq, joined_at from members where user_id = ? and chat_id = ?",
            user,
            chat
        );
        Ok(self.db.first(find).await?)
    }

    async fn list(&self, chat: ChatId, after: Option<UserId>, limit: i64) -> Result<Vec<Member>> {
        let list = sql!(
            "select user_id, standing, seen_from, read_seq, joined_at from members where chat_id = ?",
            chat
        )
        .opt(" and user_id > ?", after)
        .push(" order by user_id limit ?")
        .bind(limit);
        Ok(self.db.all(list).await?)
    }

    async fn count(&self, chat: ChatId) -> Result<i64> {
        let count = sql!("select count(*) from members where chat_id = ?", chat);
        Ok(self.db.first(count).await?.unwrap_or_default())
    }

    async fn heir(&self, chat: ChatId, without: UserId) -> Result<Option<UserId>> {
        let heir = sql!(
            "select user_id from members where chat_id = ? and user_id <> ? \
             order by standing desc, joined_at, user_id limit 1",
            chat,
            without
        );
        Ok(self.db.first(heir).await?)
    }

    async fn groups_of(&self, user: UserId, limit: i64) -> Result<Vec<ChatId>> {
        let groups = sql!(
            "select m.chat_id from members m join chats c on c.id = m.chat_id \
             where m.user_id = ? and c.kind = ? order by m.chat_id limit ?",
            user,
            Kind::Group.number(),
            limit
        );
        Ok(self.db.all(groups).await?)
    }

    async fn put(&self, chat: &Chat, place: &Place, now: Timestamp, along: Along) -> Result<bool> {
        let batch = Batch::of_one(next(chat, now));
        let batch = match place.former_owner {
            Some(former) => batch.one(ranked(chat.id, former, Rank::Admin)),
            None => batch,
        };
        let batch = if place.is_new {
            batch.one(seated(chat.id, place, now))
        } else {
            batch.one(ranked(chat.id, place.user, place.rank))
        };
        let batch = if place.history {
            batch.one(sql!(
                "update members set seen_from = 0 where user_id = ? and chat_id = ?",
                place.user,
                chat.id
            ))
        } else {
            batch
        };
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }

    async fn remove(
        &self,
        chat: &Chat,
        user: UserId,
        heir: Option<UserId>,
        now: Timestamp,
        along: Along,
    ) -> Result<bool> {
        // Whoever comes and goes while nothing is said was there at no message's time, whatever the row says last.
        let stay = sql!(
            "insert into stays (chat_id, user_id, from_seq, to_seq) \
             select m.chat_id, m.user_id, m.joined_seq, c.last_seq \
             from members m join chats c on c.id = m.chat_id where m.user_id = ? and m.chat_id = ? \
             on conflict (chat_id, user_id, from_seq) do update set to_seq = excluded.to_seq",
            user,
            chat.id
        );
        let gone = sql!("delete from members where user_id = ? and chat_id = ?", user, chat.id);
        let batch = Batch::of_one(next(chat, now)).any(stay).one(gone);
        let batch = match heir {
            Some(heir) => batch.one(ranked(chat.id, heir, Rank::Owner)),
            None => batch,
        };
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }
}

/// The chat's next version. It comes first: from then on the chat's row is this transaction's own, and nobody says
/// anything in it or changes who is in it.
fn next(chat: &Chat, now: Timestamp) -> Sql {
    sql!(
        "update chats set version = version + 1, updated_at = ? where id = ? and version = ?",
        now.max(chat.updated_at),
        chat.id,
        chat.version
    )
}

/// A member from now on, who sees what is said from now on, and to whom nothing said before is new.
fn seated(chat: ChatId, place: &Place, now: Timestamp) -> Sql {
    sql!(
        "insert into members (user_id, chat_id, standing, joined_seq, seen_from, read_seq, sent, own_read, joined_at) \
         select ?, id, ?, last_seq, last_seq, last_seq, 0, 0, ? from chats where id = ?",
        place.user,
        place.rank.number(),
        now,
        chat
    )
}

fn ranked(chat: ChatId, user: UserId, rank: Rank) -> Sql {
    sql!("update members set standing = ? where user_id = ? and chat_id = ?", rank.number(), user, chat)
}

impl FromRow for Member {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            user: row.get(0)?,
            rank: Rank::of(row.get(1)?),
            seen_from: row.get(2)?,
            read_seq: row.get(3)?,
            joined_at: row.get(4)?,
        })
    }
}
