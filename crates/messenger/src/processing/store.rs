//! Marks and counts in the database.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use db::{Along, Batch, Db, Error, Rows, Sql, sized, sql};
use types::{ChatId, MessageId, Result, Timestamp, UserId};

use super::Due;
use crate::counts::Tally;

/// Arguments of a list.
const LISTED: usize = 100;
/// Chats whose members are read at once: these may be many.
const CHATS: usize = 10;
/// How often a batch is put together anew because some of it had been done meanwhile.
const TRIES: usize = 3;

/// Marks in the table `messages`, counts in `message_counts`.
pub struct SqlProcessing {
    db: Db,
}

/// Somebody's time in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Whose.
    pub user: UserId,
    /// What was said after this place came to them,
    pub from: i64,
    /// up to this one.
    pub to: i64,
}

impl Stay {
    /// Whether they were there when this was said.
    pub const fn has(&self, seq: i64) -> bool {
        self.from < seq && seq <= self.to
    }
}

impl SqlProcessing {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Where these messages stand.
    pub async fn places(&self, ids: Vec<MessageId>) -> Result<Vec<(MessageId, ChatId, i64)>> {
        let mut places = Vec::new();
        for part in ids.chunks(LISTED) {
            let find =
                sql!("select id, chat_id, seq from messages where id in ").within(part.iter().copied());
            places.append(&mut self.db.all(find).await?);
        }
        Ok(places)
    }

    /// Who was in these chats, and when.
    pub async fn stays(&self, chats: Vec<ChatId>) -> Result<HashMap<ChatId, Vec<Stay>>> {
        let mut stays: HashMap<ChatId, Vec<Stay>> = HashMap::new();
        for part in chats.chunks(CHATS) {
            let part = || part.iter().copied();
            // Members first: whoever leaves in between is found among the former ones.
            let here =
                sql!("select chat_id, user_id, joined_seq from members where chat_id in ").within(part());
            for (chat, user, from) in self.db.all::<(ChatId, UserId, i64)>(here).await? {
                stays.entry(chat).or_default().push(Stay { user, from, to: i64::MAX });
            }
            let gone =
                sql!("select chat_id, user_id, from_seq, to_seq from stays where chat_id in ").within(part());
            for (chat, user, from, to) in self.db.all::<(ChatId, UserId, i64, i64)>(gone).await? {
                stays.entry(chat).or_default().push(Stay { user, from, to });
            }
        }
        Ok(stays)
    }

    /// Marks and counts those that are not marked yet.
    pub async fn process(&self, mut due: Vec<Due>, now: Timestamp, along: Along) -> Result<()> {
        let along = Arc::new(along);
        for _ in 0..TRIES {
            let batch = counted(marks(Batch::new(), &due, now), &due);
            match self.db.write(batch.along(Along::none().with(along.clone()))).await {
                Err(Error::Missed { along: false, .. }) => {
                    let unmarked = self.unmarked(&due).await?;
                    due.retain(|message| unmarked.contains(&message.id));
                }
                written => return Ok(written?),
            }
        }
        Err(types::Error::Stale)
    }

    async fn unmarked(&self, due: &[Due]) -> Result<HashSet<MessageId>> {
        let mut unmarked = HashSet::new();
        for part in due.chunks(LISTED) {
            let find = sql!("select id from messages where processed_at is null and id in ")
                .within(part.iter().map(|message| message.id));
            unmarked.extend(self.db.all::<MessageId>(find).await?);
        }
        Ok(unmarked)
    }
}

/// Marks that must find every message unmarked: what was marked before was counted before.
fn marks(batch: Batch, due: &[Due], now: Timestamp) -> Batch {
    sized(due.iter().collect()).fold(batch, |batch, part| {
        let rows = Rows::Exactly(part.len() as u64);
        batch.step(mark(&part, now), rows)
    })
}

/// Brokers have published each at a time of its own, while what is read from the table has one time for all.
fn mark(part: &[&Due], now: Timestamp) -> Sql {
    let first = part.first().map_or(now, |message| message.published_at);
    let mark = if part.iter().all(|message| message.published_at == first) {
        sql!("update messages set processed_at = ?, published_at = ?", now, first)
    } else {
        let mark = sql!("update messages set processed_at = ?, published_at = case id", now);
        let each = |mark: Sql, message: &&Due| {
            mark.push(" when ? then ?").bind(message.id).bind(message.published_at)
        };
        part.iter().fold(mark, each).push(" else published_at end")
    };
    mark.push(" where processed_at is null and id in ").within(part.iter().map(|message| message.id))
}

fn counted(batch: Batch, due: &[Due]) -> Batch {
    let mut tally = Tally::default();
    for message in due {
        tally.message(message.from, &message.to, message.at);
    }
    tally.written(batch)
}
