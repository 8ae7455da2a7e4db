//! All that was said as far as somebody may see it, for a file of it: chat by chat, each from its beginning, a page at a time.

mod store;

use types::{ChatId, Result, UserId};

use crate::chats::Kind;
use crate::messages::Message;

use store::SqlArchive;

/// Chats that are looked into for a page.
const CHATS: usize = 100;

/// What was said. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    store: SqlArchive,
}

/// A message's place among all that somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// In which chat.
    pub chat: ChatId,
    /// At which place there.
    pub seq: i64,
}

/// Some of what was said in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// In which one.
    pub chat: ChatId,
    /// Of what kind.
    pub kind: Kind,
    /// What it is called, if it is a group.
    pub title: Option<String>,
    /// The other one, in a chat of two; oneself in one with oneself.
    pub pal: Option<UserId>,
    /// What was said, in its order; nothing that is gone.
    pub messages: Vec<Message>,
    /// Whoever asks has read up to this place,
    pub read_seq: i64,
    /// and the furthest of the others up to this one.
    pub read_by_others: i64,
}

/// Some of what somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// By chats.
    pub chapters: Vec<Chapter>,
    /// The place to go on behind; none when there is nothing more.
    pub next: Option<Spot>,
}

/// A chat, and what of it somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shelf {
    chat: ChatId,
    kind: Kind,
    title: Option<String>,
    pal: Option<UserId>,
    /// They see what comes after this place,
    seen_from: i64,
    /// up to this one.
    last_seq: i64,
    read_seq: i64,
}

impl Archive {
    /// In this database.
    pub fn new(db: &db::Db) -> Self {
        Self { store: SqlArchive::new(db.clone()) }
    }

    /// What this person sees behind this place. At most so many messages are read, gone ones too.
    pub async fn extract(&self, user: UserId, after: Option<Spot>, most: usize) -> Result<Extract> {
        let shelves = self.store.shelves(user, after.map(|spot| spot.chat), CHATS).await?;
        let (mut chapters, mut room) = (Vec::new(), most);
        for shelf in &shelves {
            let begun = after.filter(|spot| spot.chat == shelf.chat).map_or(0, |spot| spot.seq);
            let from = begun.max(shelf.seen_from);
            if from >= shelf.last_seq {
                continue;
            }
            let messages = self.store.messages(user, shelf.chat, from, room).await?;
            room -= messages.len();
            let last = messages.last().map(|message| Spot { chat: shelf.chat, seq: message.seq });
            chapters.push(self.chapter(user, shelf, messages).await?);
            if room == 0 {
                return Ok(Extract { chapters, next: last });
            }
        }
        let last = shelves.last().filter(|_| shelves.len() == CHATS);
        let next = last.map(|shelf| Spot { chat: shelf.chat, seq: i64::MAX });
        Ok(Extract { chapters, next })
    }

    async fn chapter(&self, user: UserId, of: &Shelf, mut messages: Vec<Message>) -> Result<Chapter> {
        messages.retain(|message| message.text.is_some());
        let Shelf { chat, kind, ref title, pal, read_seq, .. } = *of;
        let read_by_others = self.store.read_by_others(user, chat).await?;
        Ok(Chapter { chat, kind, title: title.clone(), pal, messages, read_seq, read_by_others })
    }
}
