//! From facts to letters: one group for mail and one for text messages, so that neither waits for the other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use db::Along;
use futures_util::StreamExt;
use stream::{Consumer, Fact};
use tokio::sync::Semaphore;
use types::facts::Tell;
use types::facts::accounts::TOPIC;
use types::{Clock, Language, Result, Timestamp};

use super::notices::of_notice;
use super::words::{Words, of_code};
use super::{Letter, Outcome, Post, masked};
use crate::codes::{CodeDue, Digits, Sends};
use crate::{Happened, Notice, Target};

/// How many letters are handed over at the same time.
const AT_ONCE: usize = 8;
/// A notice that could not go out for so long is given up.
const STALE: Duration = Duration::from_hours(24);
/// How many letters may wait for another try of their own; one more is given up.
const WAITING: usize = 1_000;
/// When a letter that cannot be taken now is tried again.
const AGAIN: [Duration; 4] =
    [Duration::from_secs(20), Duration::from_mins(1), Duration::from_mins(3), Duration::from_mins(10)];

/// Which letters a delivery brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Those to e-mail addresses.
    Mail,
    /// Those to phone numbers.
    Sms,
}

/// Writes letters that are due, and hands them to whoever brings them.
pub struct Delivery {
    channel: Channel,
    desk: Desk,
    digits: Digits,
    /// Facts of the batch under way whose letters have gone out, or need not: when the batch is tried again, these do
    /// not go.
    gone: Mutex<HashSet<i64>>,
}

/// A letter, and until when it is of use.
struct Due {
    letter: Letter,
    until: Timestamp,
}

/// Where letters are handed over. Cheap to clone.
#[derive(Clone)]
struct Desk {
    post: Arc<dyn Post>,
    clock: Arc<dyn Clock>,
    waiting: Arc<Semaphore>,
    again: Arc<[Duration]>,
}

impl Delivery {
    /// Of these letters, by this post.
    pub fn new(channel: Channel, post: Arc<dyn Post>, digits: Digits, clock: Arc<dyn Clock>) -> Arc<Self> {
        let (waiting, again) = (Arc::new(Semaphore::new(WAITING)), Arc::from(AGAIN));
        let desk = Desk { post, clock, waiting, again };
        Arc::new(Self { channel, desk, digits, gone: Mutex::default() })
    }

    /// The letters that these facts ask for, and that have not gone out. Of several codes that follow each other only the
    /// last is good, and only that is sent.
    fn letters(&self, facts: &[Fact]) -> Result<Vec<Due>> {
        let (mut letters, mut codes) = (BTreeMap::new(), HashMap::new());
        for fact in facts.iter().filter(|fact| !self.gone().contains(&fact.id)) {
            let due = if fact.kind == CodeDue::KIND {
                let Some(due) = fact.read::<CodeDue>()? else { continue };
                if let Some(earlier) = codes.insert((due.to.clone(), due.reason), fact.id) {
                    letters.remove(&earlier);
                    // Nor shall it go when facts are handled one by one after all, behind the one that is good.
                    self.gone().insert(earlier);
                }
                self.of_code(fact, due)
            } else {
                fact.read::<Notice>()?.map(|notice| of(fact, notice))
            };
            let ours = due.filter(|due| self.brings(&due.letter.to));
            letters.extend(ours.map(|due| (fact.id, due)));
        }
        Ok(letters.into_values().collect())
    }

    fn of_code(&self, fact: &Fact, due: CodeDue) -> Option<Due> {
        let words = match due.sends {
            Sends::Nothing => return None,
            Sends::Warning => of_notice(Happened::TriedToSignUp, fact.created_at, due.language),
            Sends::Code => of_code(&due, &self.digits.of(due.code), due.expires_at.since(fact.created_at)),
        };
        Some(Due { letter: letter(fact, due.to, words), until: due.expires_at })
    }

    const fn brings(&self, target: &Target) -> bool {
        matches!((self.channel, target), (Channel::Mail, Target::Email(_)) | (Channel::Sms, Target::Phone(_)))
    }

    fn gone(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of(fact: &Fact, notice: Notice) -> Due {
    let language = Language::tagged(&notice.language).unwrap_or_default();
    let words = of_notice(notice.what, fact.created_at, language);
    Due { letter: letter(fact, notice.to, words), until: fact.created_at.plus(STALE) }
}

fn letter(fact: &Fact, to: Target, words: Words) -> Letter {
    let Words { subject, text } = words;
    Letter { id: fact.id, to, subject, text, at: fact.created_at }
}

impl Desk {
    /// Hands one letter over. One that alone cannot be taken now is tried again in a while, and nobody waits for it.
    async fn hand_over(&self, due: Due) -> Result<()> {
        if let Some(due) = self.attempt(due).await? {
            let Ok(place) = self.waiting.clone().try_acquire_owned() else {
                given_up(&due.letter, "too many letters wait for another try");
                return Ok(());
            };
            let desk = self.clone();
            tokio::spawn(async move {
                desk.later(due).await;
                drop(place);
            });
        }
        Ok(())
    }

    async fn later(&self, mut due: Due) {
        for pause in &*self.again {
            tokio::time::sleep(*pause).await;
            due = match self.attempt_again(due).await {
                Some(due) => due,
                None => return,
            };
        }
        given_up(&due.letter, "it was not taken for a quarter of an hour");
    }

    /// The same, where a failure of the whole way is one more reason to wait.
    async fn attempt_again(&self, due: Due) -> Option<Due> {
        let Due { letter, until } = &due;
        let again = Due { letter: letter.clone(), until: *until };
        self.attempt(due).await.unwrap_or(Some(again))
    }

    /// Tries once; the letter again when it alone has to wait.
    async fn attempt(&self, due: Due) -> Result<Option<Due>> {
        let Due { letter, until } = &due;
        if *until <= self.clock.now() {
            given_up(letter, "it is of no use any more");
            return Ok(None);
        }
        match self.post.send(letter).await? {
            Outcome::Taken => {
                tracing::debug!(letter = letter.id, to = masked(&letter.to), "a letter went out");
                Ok(None)
            }
            Outcome::Refused(why) => {
                given_up(letter, &why);
                Ok(None)
            }
            Outcome::Later(why) => {
                tracing::info!(letter = letter.id, to = masked(&letter.to), why = &*why, "a letter waits");
                Ok(Some(due))
            }
        }
    }
}

fn given_up(letter: &Letter, why: &str) {
    tracing::warn!(letter = letter.id, to = masked(&letter.to), why, "a letter was not sent");
}

#[async_trait]
impl Consumer for Delivery {
    fn group(&self) -> &'static str {
        match self.channel {
            Channel::Mail => "identity.letters.mail",
            Channel::Sms => "identity.letters.sms",
        }
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    /// What went out is remembered until all of these facts are done. The position moves afterwards, on its own: what a
    /// provider has taken cannot be in a transaction.
    async fn handle(&self, facts: &[Fact], _: Along) -> Result<()> {
        let handing = futures_util::stream::iter(self.letters(facts)?).map(|due| async {
            let id = due.letter.id;
            let handed = self.desk.hand_over(due).await;
            if handed.is_ok() {
                self.gone().insert(id);
            }
            handed
        });
        let handed: Vec<Result<()>> = handing.buffer_unordered(AT_ONCE).collect().await;
        handed.into_iter().collect::<Result<()>>()?;
        let mut gone = self.gone();
        for fact in facts {
            gone.remove(&fact.id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
