//! Listening: who hears what happens, from which place on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use api::Verifier;
use api::rates::Rates;
use cache::Cache;
use stream::Feed;
use types::{Caller, ChatId, Clock, MessageId, Result, UserId};

use super::arrivals::Arrivals;
use super::event::{Event, To, told};
use super::hub::Hub;
use super::place::{Place, arranged};
use super::store::SqlLive;
use super::tidings::{Item, Tiding};
use super::whispers::{self, Whisper};
use crate::chats::Chats;
use crate::messages::{Message, Messages};

/// One who writes is told of at most this often.
const TYPING: Duration = Duration::from_secs(1);
/// Seconds between two beats of a connection, by which it and whoever stands between sees that we are there.
const BEAT: u64 = 20;
/// Beats, all of which a client that is there can answer, before one that answers none is taken to be gone.
const BEATS: u64 = 3;

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Means>);

/// What it works with.
pub struct Means {
    /// Who listens.
    pub hub: Hub,
    /// What happened.
    pub feed: Feed,
    /// What came to whom.
    pub arrivals: Arrivals,
    /// What it is about.
    pub store: SqlLive,
    /// By which processes tell each other what is kept nowhere.
    pub cache: Cache,
    /// Who may write where.
    pub chats: Chats,
    /// What is said.
    pub messages: Messages,
    /// Whose tokens are brought later.
    pub verifier: Verifier,
    /// How often each may say something, where that is limited.
    pub rates: Option<Rates>,
    /// How long whoever can talk may be silent.
    pub silence: Duration,
    /// When tokens end.
    pub clock: Arc<dyn Clock>,
}

impl std::ops::Deref for Live {
    type Target = Means;

    fn deref(&self) -> &Means {
        &self.0
    }
}

impl Live {
    /// With these means.
    pub fn new(means: Means) -> Self {
        Self(Arc::new(means))
    }

    /// How many seconds lie between two beats of a connection, and how many one may be silent.
    pub fn beat(&self) -> (u64, u64) {
        let silence = self.silence.as_secs().max(BEATS);
        (BEAT.min(silence / BEATS), silence)
    }

    /// The caller is writing something in this chat.
    pub async fn typing(&self, caller: &Caller, chat: ChatId) -> Result<()> {
        self.chats.seat_to_talk(caller.user, chat).await?;
        let key = format!("messenger:typing:{chat}:{}", caller.user);
        if self.cache.put_new(&key, b"", TYPING).await? {
            whispers::publish(&self.cache, &Whisper::Typing { chat_id: chat, user_id: caller.user }).await;
        }
        Ok(())
    }

    /// Which of these people are here, as far as the caller may know.
    pub async fn presence(&self, caller: &Caller, users: Vec<UserId>) -> Result<Vec<(UserId, bool)>> {
        let pals = self.store.pals(caller.user, Some(users.clone())).await?;
        let mut found = Vec::with_capacity(users.len());
        for user in users {
            let online = pals.contains(&user) && whispers::is_online(&self.hub, &self.cache, user).await;
            found.push((user, online));
        }
        Ok(found)
    }

    /// What these items are told as to one person, who sees these chats from there on. What their place is behind
    /// already is left out.
    pub async fn told_to(
        &self,
        user: UserId,
        place: Place,
        items: Vec<Item>,
        chats: &HashMap<ChatId, i64>,
    ) -> Result<Vec<Arc<Event>>> {
        let concerns = |item: &Item| match item.tiding {
            Tiding::Left(who) => who == user,
            Tiding::Hidden(_, who) => who == user && chats.contains_key(&item.chat),
            _ => chats.contains_key(&item.chat),
        };
        let items: Vec<Item> = items.into_iter().filter(concerns).collect();
        let messages = self.messages_of(Some(user), &items).await?;
        let items = arranged(place.from, items, &seqs(&messages));
        let items = items.iter().filter(|(at, _)| at.upto > place.upto);
        let events = items.filter_map(|(at, item)| told(*at, item, &messages));
        let hears = |to: &To| match to {
            To::Chat(chat, seq, _) => chats.get(chat).is_some_and(|seen_from| seen_from < seq),
            To::User(who) => *who == user,
        };
        Ok(events.filter(|(to, _)| hears(to)).map(|(_, event)| Arc::new(event)).collect())
    }

    /// What these items, which come after this number, are told as to everybody.
    pub async fn told_to_all(&self, after: i64, items: Vec<Item>) -> Result<Vec<(To, Arc<Event>)>> {
        let messages = self.messages_of(None, &items).await?;
        let edited = items.iter().filter_map(|item| match item.tiding {
            Tiding::Edited(id) => Some(id),
            _ => None,
        });
        let mut hidden: HashMap<MessageId, Vec<UserId>> = HashMap::new();
        for (id, user) in self.store.hidden(edited.collect()).await? {
            hidden.entry(id).or_default().push(user);
        }
        let items = arranged(after, items, &seqs(&messages));
        let events = items.iter().filter_map(|(place, item)| {
            let (to, event) = told(*place, item, &messages)?;
            let to = match (to, item.tiding) {
                (To::Chat(chat, seq, _), Tiding::Edited(id)) => {
                    To::Chat(chat, seq, hidden.get(&id).cloned().unwrap_or_default())
                }
                (to, _) => to,
            };
            Some((to, Arc::new(event)))
        });
        Ok(events.collect())
    }

    async fn messages_of(&self, user: Option<UserId>, items: &[Item]) -> Result<HashMap<MessageId, Message>> {
        let mut ids: Vec<MessageId> = items.iter().filter_map(|item| item.tiding.message()).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.store.messages(user, ids).await?;
        Ok(found.into_iter().map(|message| (message.id, message)).collect())
    }
}

fn seqs(messages: &HashMap<MessageId, Message>) -> HashMap<MessageId, i64> {
    messages.iter().map(|(id, message)| (*id, message.seq)).collect()
}
