//! One group's way through the facts.

use db::{Along, Step};
use types::{Error, Result};

use crate::mark::Mark;
use crate::store::{Facts, Place};
use crate::{Consumer, Fact, Parked, Stream};

/// Numbers passed without a fact for the group before its position is written all the same.
const PASSED: i64 = 10_000;

/// Reads for one group.
pub struct Reader<'s> {
    stream: &'s Stream,
    consumer: &'s dyn Consumer,
    place: Place,
    /// What is known from the last step; nothing when it has to be read again.
    known: Option<Known>,
    /// The newest fact at the last step.
    newest: i64,
}

#[derive(Clone, Copy)]
struct Known {
    /// The position as it is written.
    written: i64,
    /// The number up to which nothing more is for this group.
    seen: i64,
}

impl<'s> Reader<'s> {
    /// A reader for this consumer.
    pub fn new(stream: &'s Stream, consumer: &'s dyn Consumer) -> Self {
        let place = Place { consumer: consumer.group(), topic: consumer.topic() };
        Self { stream, consumer, place, known: None, newest: 0 }
    }

    /// What is known is forgotten: after a failure it may not be true.
    pub const fn forget(&mut self) {
        self.known = None;
    }

    /// The number of the newest fact at the last step.
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// Whether the group has not come to that one yet.
    pub fn is_behind(&self) -> bool {
        self.known.is_some_and(|known| known.seen < self.newest)
    }

    /// Handles what comes next, up to so many facts; false when there is nothing.
    pub async fn step(&mut self, portion: i64) -> Result<bool> {
        let facts = self.facts();
        let Known { written, seen } = if let Some(known) = self.known {
            known
        } else {
            let written = facts.position(self.place).await?;
            Known { written, seen: written }
        };
        self.newest = facts.newest().await?;
        let upto = self.newest.min(seen + portion);
        if upto <= seen {
            self.known = Some(Known { written, seen });
            return Ok(false);
        }
        let batch = facts.between(self.place.topic, seen, upto).await?;
        if !batch.is_empty() {
            self.handle(&batch, written, upto).await?;
        } else if upto - written >= PASSED {
            let moved = facts.leave(Mark::new(self.place.step(written, upto)).0).await?;
            self.arrive(moved, upto);
        } else {
            self.known = Some(Known { written, seen: upto });
        }
        Ok(true)
    }

    /// All at once, or, when that fails for good, one after the other.
    async fn handle(&mut self, batch: &[Fact], written: i64, upto: i64) -> Result<()> {
        match attempt(self.facts(), self.consumer, batch, self.place.step(written, upto)).await {
            Ok(moved) => self.arrive(moved, upto),
            Err(error) if may_pass(&error) => return Err(error),
            Err(_) => {
                let mut at = written;
                for fact in batch {
                    if !self.alone(fact, at).await? {
                        self.forget();
                        return Ok(());
                    }
                    at = fact.number;
                }
                self.known = Some(Known { written: at, seen: upto });
            }
        }
        Ok(())
    }

    /// One fact, which is parked if it cannot be handled. False when the position had been moved already.
    async fn alone(&self, fact: &Fact, at: i64) -> Result<bool> {
        let step = self.place.step(at, fact.number);
        match attempt(self.facts(), self.consumer, std::slice::from_ref(fact), step.clone()).await {
            Err(error) if !may_pass(&error) => {
                tracing::error!(group = self.place.consumer, fact = fact.number, error = %error, "a fact was parked");
                let parked = Parked {
                    consumer: self.place.consumer.to_owned(),
                    fact: fact.clone(),
                    error: types::with_causes(&error),
                    parked_at: self.stream.now(),
                };
                Ok(self.facts().park(&parked, Mark::new(step).0).await?)
            }
            other => other,
        }
    }

    fn arrive(&mut self, moved: bool, upto: i64) {
        // When somebody else of this group moved it, where it stands now has to be read.
        self.known = moved.then_some(Known { written: upto, seen: upto });
    }

    const fn facts(&self) -> &'s Facts {
        self.stream.facts()
    }
}

/// Hands the facts over with the step that makes the effect happen once; if the handler had nothing to write, the step
/// is written alone. False when it had happened already.
pub async fn attempt(facts: &Facts, consumer: &dyn Consumer, batch: &[Fact], step: Step) -> Result<bool> {
    let (mark, done) = Mark::new(step.clone());
    consumer.handle(batch, Along::none().with(mark)).await?;
    if done.is_set() { Ok(true) } else { Ok(facts.leave(Mark::new(step).0).await?) }
}

/// Stale is what a handler meets when another process has done the same facts meanwhile.
const fn may_pass(error: &Error) -> bool {
    error.is_passing() || matches!(error, Error::Stale)
}
