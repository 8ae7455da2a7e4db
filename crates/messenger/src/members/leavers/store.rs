//! What somebody leaves behind in the database, by portions.

use db::{Batch, Db, sized, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

/// Chats that are looked at in one go.
const CHATS: i64 = 100;
/// Rows that are written in one transaction.
const ROWS: i64 = 200;
/// The place after which somebody sees what is said who sees nothing any more.
const NOTHING: i64 = i64::MAX;

/// What is left of whoever is gone.
pub struct SqlLeft {
    db: Db,
}

impl SqlLeft {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// This person sees nothing any more in the chats after this one; which they are, some of them, in order.
    pub async fn look_away(&self, user: UserId, after: Option<ChatId>) -> Result<Vec<ChatId>> {
        let chats =
            sql!("select chat_id from members where user_id = ?", user).opt(" and chat_id > ?", after);
        let chats: Vec<ChatId> = self.db.all(chats.push(" order by chat_id limit ?").bind(CHATS)).await?;
        let batch = sized(chats.clone()).fold(Batch::new(), |batch, chats| {
            let away =
                sql!("update members set seen_from = ? where user_id = ? and chat_id in ", NOTHING, user);
            batch.any(away.within(chats))
        });
        self.db.write(batch).await?;
        Ok(chats)
    }

    /// Whether there is somebody who sees what is said in this chat.
    pub async fn is_seen(&self, chat: ChatId) -> Result<bool> {
        let seers = sql!(
            "select count(*) from (select user_id from members where chat_id = ? and seen_from < ? limit 1) seers",
            chat,
            NOTHING
        );
        Ok(self.db.first(seers).await? == Some(1_i64))
    }

    /// Takes from the messages after this place what they say and ever said, and the chat its title: the last of some of them,
    /// unless there were none. Their places stay, for they have been counted.
    pub async fn silence(&self, chat: ChatId, after: i64, now: Timestamp) -> Result<Option<i64>> {
        let some = sql!(
            "select seq, id from messages where chat_id = ? and seq > ? order by seq limit ?",
            chat,
            after,
            ROWS
        );
        let some: Vec<(i64, MessageId)> = self.db.all(some).await?;
        let title = sql!("update chats set title = null where id = ? and title is not null", chat);
        let Some((last, _)) = some.last().copied() else {
            self.db.write(Batch::new().any(title)).await?;
            return Ok(None);
        };
        let texts = sql!(
            "update messages set text = null, version = version + 1, deleted_at = ? \
             where chat_id = ? and seq > ? and seq <= ? and deleted_at is null",
            now,
            chat,
            after,
            last
        );
        let edits = sized(some.into_iter().map(|(_, id)| id).collect());
        let batch = edits.fold(Batch::new().any(texts), |batch, ids| {
            batch.any(sql!("delete from message_edits where message_id in ").within(ids))
        });
        self.db.write(batch).await?;
        Ok(Some(last))
    }

    /// Forgets some of what this person's programs called their messages; false when there was nothing.
    pub async fn forget_keys(&self, user: UserId) -> Result<bool> {
        let keys = sql!(
            "select chat_id, client_key from message_keys where user_id = ? order by chat_id, client_key limit ?",
            user,
            ROWS
        );
        let keys: Vec<(ChatId, String)> = self.db.all(keys).await?;
        let mut batch = Batch::new();
        for (chat, keys) in by_chat(&keys) {
            for part in sized(keys) {
                let forget = sql!(
                    "delete from message_keys where user_id = ? and chat_id = ? and client_key in ",
                    user,
                    chat
                );
                batch = batch.any(forget.within(part));
            }
        }
        self.db.write(batch).await?;
        Ok(!keys.is_empty())
    }

    /// Forgets some of what this person did not want to see; false when there was nothing.
    pub async fn forget_hidden(&self, user: UserId) -> Result<bool> {
        let hidden = sql!(
            "select chat_id, seq from gone_messages where user_id = ? order by chat_id, seq limit ?",
            user,
            ROWS
        );
        let hidden: Vec<(ChatId, i64)> = self.db.all(hidden).await?;
        let mut batch = Batch::new();
        for (chat, places) in by_chat(&hidden) {
            for part in sized(places) {
                let forget = sql!(
                    "delete from gone_messages where chat_id = ? and user_id = ? and seq in ",
                    chat,
                    user
                );
                batch = batch.any(forget.within(part));
            }
        }
        self.db.write(batch).await?;
        Ok(!hidden.is_empty())
    }
}

/// What there is of each chat.
fn by_chat<V: Clone>(rows: &[(ChatId, V)]) -> impl Iterator<Item = (ChatId, Vec<V>)> {
    let runs = rows.chunk_by(|a, b| a.0 == b.0);
    runs.filter_map(|run| Some((run.first()?.0, run.iter().map(|(_, value)| value.clone()).collect())))
}
