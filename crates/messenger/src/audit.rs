//! Whether what is kept of messages is true: every place of every chat is taken once, what is stored was published and
//! processed, and the counts are those of the messages. It reads from end to end, piece by piece, and writes nothing; a
//! house may be running beside it.

mod book;
mod counted;
mod sequence;
mod store;
#[cfg(test)]
mod stories;
mod walk;

use std::time::Duration;

use db::Db;
use types::{ChatId, Result, Timestamp};

use self::book::Book;
use self::counted::Counted;
use self::sequence::Sequences;
use self::store::SqlAudit;
use self::walk::walk;

/// What happens to a message takes no longer than this, unless something is wrong.
const A_MOMENT: Duration = Duration::from_secs(10);

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The present moment, if others may be writing: what happened shortly before may not be complete.
    pub beside: Option<Timestamp>,
    /// Each person's counts are compared in all their lengths, and not in hours and days alone.
    pub deep: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Chats.
    pub chats: i64,
    /// Messages in them.
    pub stored: i64,
    /// Of those, which were published.
    pub published: i64,
    /// And processed.
    pub processed: i64,
    /// What is young enough to be on its way; it is no mistake.
    pub under_way: i64,
    /// What is not.
    pub stuck: Option<Stuck>,
    /// What is wrong with the order of chats: the first of it, a sentence each.
    pub gaps: Vec<String>,
    /// How many chats have something wrong with their order.
    pub broken_chats: i64,
    /// Where the counts are not those of the messages: the first of it, a sentence each.
    pub miscounts: Vec<String>,
    /// How many counts are wrong.
    pub wrong_counts: i64,
}

/// Messages that are stored and not processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// How many.
    pub messages: i64,
    /// When the oldest was written.
    pub since: Timestamp,
    /// In which chat.
    pub chat: ChatId,
    /// At which place.
    pub seq: i64,
}

impl Findings {
    /// Whether all is as it should be.
    pub const fn are_good(&self) -> bool {
        self.stuck.is_none() && self.broken_chats == 0 && self.wrong_counts == 0
    }
}

/// A message as the audit sees it.
#[derive(Debug, Clone, Copy)]
struct Seen {
    chat: i64,
    seq: i64,
    user: i64,
    created_at: Timestamp,
    published_at: Option<Timestamp>,
    processed_at: Option<Timestamp>,
}

/// Looks at all messages of this database.
pub async fn audit(db: Db, look: Look) -> Result<Findings> {
    let store = SqlAudit::new(db);
    let moment = look.beside.map(|now| now.minus(A_MOMENT));
    // Counts first: what is processed meanwhile is among the messages, and known by its time.
    let counted = Counted::read(&store, look.deep).await?;
    let (mut book, mut sequences, mut marks) = (Book::default(), Sequences::default(), Marks::default());
    walk(&store, |piece| {
        sequences.see(piece);
        piece.seen.iter().for_each(|message| marks.see(message, moment));
        book.enter(piece, moment);
    })
    .await?;
    let (wrong_counts, miscounts) = counted.compare(&book);
    let Marks { stored, published, processed, under_way, stuck } = marks;
    let Sequences { chats, broken: broken_chats, sentences: gaps, .. } = sequences;
    Ok(Findings {
        chats,
        stored,
        published,
        processed,
        under_way,
        stuck,
        gaps,
        broken_chats,
        miscounts,
        wrong_counts,
    })
}

/// How far messages have come.
#[derive(Debug, Default)]
struct Marks {
    stored: i64,
    published: i64,
    processed: i64,
    under_way: i64,
    stuck: Option<Stuck>,
}

impl Marks {
    fn see(&mut self, message: &Seen, moment: Option<Timestamp>) {
        self.stored += 1;
        self.published += i64::from(message.published_at.is_some());
        self.processed += i64::from(message.processed_at.is_some());
        if message.published_at.is_some() && message.processed_at.is_some() {
            return;
        }
        if moment.is_some_and(|moment| message.created_at > moment) {
            self.under_way += 1;
            return;
        }
        let this = Stuck {
            messages: 1,
            since: message.created_at,
            chat: ChatId::trusted(message.chat),
            seq: message.seq,
        };
        let oldest = self.stuck.filter(|stuck| stuck.since <= this.since).unwrap_or(this);
        let messages = self.stuck.map_or(0, |stuck| stuck.messages) + 1;
        self.stuck = Some(Stuck { messages, ..oldest });
    }
}
