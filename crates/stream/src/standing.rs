//! Where a group stands in a topic, and its steps from there. The table is one partition.

use std::borrow::Cow;
use std::collections::BTreeMap;

use db::{Along, Step};
use types::{Error, Result};

use crate::mark::Mark;
use crate::store::{Facts, Place, Turn};
use crate::{Consumer, Fact, Parked, Stream};

/// Numbers looked through at once.
pub const AT_ONCE: i64 = 500;
/// Numbers passed without a fact for the group before its position is written all the same.
pub const PASSED: i64 = 10_000;

/// Up to which number each partition is to be done.
pub type Moves = BTreeMap<usize, i64>;

/// Where a group stands.
pub struct Standing<'s> {
    stream: &'s Stream,
    consumer: &'s dyn Consumer,
    place: Place,
    rows: Rows,
    /// By partition.
    at: Vec<i64>,
}

/// Which rows say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// The table's.
    Table,
    /// Those of partitions.
    Parts,
    /// Those of partitions that are being left.
    Left,
}

impl Rows {
    fn part(self, partition: usize) -> i64 {
        let part = i64::try_from(partition + 1).unwrap_or(i64::MAX);
        match self {
            Self::Table => 0,
            Self::Parts => part,
            Self::Left => -part,
        }
    }
}

impl<'s> Standing<'s> {
    /// Where these rows say that the group stands; none if there are no such rows.
    pub async fn find(stream: &'s Stream, consumer: &'s dyn Consumer, rows: Rows) -> Result<Option<Self>> {
        let place = place(consumer);
        let found = stream.facts().rows(place).await?;
        let is_whole = (0..found.len()).all(|partition| found[partition].0 == rows.part(partition));
        let at: Vec<i64> = found.into_iter().map(|(_, position)| position).collect();
        let is_there = is_whole && !at.is_empty();
        Ok(is_there.then_some(Self { stream, consumer, place, rows, at }))
    }

    /// By partition.
    pub fn at(&self) -> &[i64] {
        &self.at
    }

    /// Handles these facts and moves on, all at once or, when that fails for good, one after the other. False when
    /// somebody else of this group has moved it: where it stands has to be read again.
    pub async fn pass(&mut self, facts: &[Fact], upto: &Moves) -> Result<bool> {
        let steps: Vec<Step> = upto.iter().filter_map(|(part, upto)| self.step(*part, *upto)).collect();
        match attempt(self.facts(), self.consumer, facts, steps).await {
            Ok(true) => self.arrive(upto),
            Ok(false) => return Ok(false),
            Err(error) if may_pass(&error) => return Err(error),
            Err(_) => {
                for fact in facts {
                    if !self.alone(fact).await? {
                        return Ok(false);
                    }
                }
                let steps: Vec<Step> =
                    upto.iter().filter_map(|(part, upto)| self.step(*part, *upto)).collect();
                if !leave(self.facts(), steps).await? {
                    return Ok(false);
                }
                self.arrive(upto);
            }
        }
        self.stream.counts().consumed(self.place.topic, facts.len());
        Ok(true)
    }

    /// Handles from the table what lies before these numbers, partition by partition. False as above.
    pub async fn catch_up(&mut self, upto: &Moves) -> Result<bool> {
        let last = upto.values().copied().max().unwrap_or(0);
        let lowest = |at: &[i64]| upto.keys().map(|part| at[*part]).min().unwrap_or(last);
        // What was deleted need not be looked for.
        let mut seen = lowest(&self.at).max(self.facts().swept().await?.min(last - 1));
        while seen < last {
            let from = seen;
            seen = last.min(from + AT_ONCE);
            let mut facts = self.facts().between(self.place.topic, from, seen).await?;
            facts.retain(|fact| {
                let part = partition(fact.key, self.at.len());
                upto.get(&part).is_some_and(|upto| fact.number > self.at[part] && fact.number <= *upto)
            });
            if facts.is_empty() && seen < last && seen - lowest(&self.at) < PASSED {
                continue;
            }
            let upto = upto.iter().map(|(part, upto)| (*part, seen.min(*upto))).collect();
            if !self.pass(&facts, &upto).await? {
                return Ok(false);
            }
            // Reads of the embedded engine do not wait for anything, and others have to get on.
            tokio::task::yield_now().await;
        }
        Ok(true)
    }

    /// One fact, which is parked if it cannot be handled. False when the position had been moved already.
    async fn alone(&mut self, fact: &Fact) -> Result<bool> {
        let part = partition(fact.key, self.at.len());
        let steps: Vec<Step> = self.step(part, fact.number).into_iter().collect();
        let done = match attempt(self.facts(), self.consumer, std::slice::from_ref(fact), steps.clone()).await
        {
            Err(error) if !may_pass(&error) => {
                tracing::error!(group = self.place.consumer, fact = fact.number, error = %error, "a fact was parked");
                let parked = Parked {
                    consumer: self.place.consumer.to_owned(),
                    fact: fact.clone(),
                    error: types::with_causes(&error),
                    parked_at: self.stream.now(),
                };
                self.facts().park(&parked, Mark::new(steps).0).await?
            }
            other => other?,
        };
        self.at[part] = fact.number;
        Ok(done)
    }

    fn step(&self, part: usize, upto: i64) -> Option<Step> {
        (upto > self.at[part]).then(|| self.place.step(self.rows.part(part), self.at[part], upto))
    }

    fn arrive(&mut self, upto: &Moves) {
        for (part, upto) in upto {
            self.at[*part] = self.at[*part].max(*upto);
        }
    }

    const fn facts(&self) -> &'s Facts {
        self.stream.facts()
    }
}

/// Puts the group on its way, the table (0) or so many partitions, with everything done that the old way has begun.
pub async fn settle(stream: &Stream, consumer: &dyn Consumer, parts: i64) -> Result<()> {
    let place = place(consumer);
    while let Turn::Level(at) = stream.facts().turn(place, parts).await? {
        let last = at.iter().copied().max().unwrap_or(0);
        let upto = (0..at.len()).map(|part| (part, last)).collect();
        tracing::info!(group = place.consumer, topic = place.topic, upto = last, "a group changes its way");
        Standing { stream, consumer, place, rows: Rows::Left, at }.catch_up(&upto).await?;
    }
    Ok(())
}

/// Hands those of the facts over that the consumer hears, with the steps that make the effect happen once; if the handler
/// had nothing to write, the steps are written alone. False when it had happened already.
pub async fn attempt(
    facts: &Facts,
    consumer: &dyn Consumer,
    batch: &[Fact],
    steps: Vec<Step>,
) -> Result<bool> {
    let (mark, done) = Mark::new(steps.clone());
    let heard = heard(consumer, batch);
    if !heard.is_empty() {
        consumer.handle(&heard, Along::none().with(mark)).await?;
    }
    if done.is_set() { Ok(true) } else { leave(facts, steps).await }
}

fn heard<'f>(consumer: &dyn Consumer, batch: &'f [Fact]) -> Cow<'f, [Fact]> {
    let Some(kinds) = consumer.kinds() else { return Cow::Borrowed(batch) };
    batch.iter().filter(|fact| kinds.contains(&&*fact.kind)).cloned().collect()
}

async fn leave(facts: &Facts, steps: Vec<Step>) -> Result<bool> {
    Ok(steps.is_empty() || facts.leave(Along::none().with(Mark::new(steps).0)).await?)
}

/// Stale is what a handler meets when another process has done the same facts meanwhile.
const fn may_pass(error: &Error) -> bool {
    error.is_passing() || matches!(error, Error::Stale)
}

fn place(consumer: &dyn Consumer) -> Place {
    Place { consumer: consumer.group(), topic: consumer.topic() }
}

/// The partition of a key, among so many: the same for ever, or a key would lose its order.
pub fn partition(key: i64, of: usize) -> usize {
    // Ids differ in their upper bits and in their lower ones: all have to count.
    let mut mixed = key.cast_unsigned();
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    usize::try_from(mixed % of.max(1) as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_spread_evenly_and_stay_where_they_are() {
        for stride in [1, 128, 1 << 12, 1 << 20] {
            let mut counts = [0; 8];
            (0..8_000).for_each(|key| counts[partition(key * stride, 8)] += 1);
            assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{stride}: {counts:?}");
        }
        assert_eq!([1, 2, 3, -1].map(|key| partition(key, 8)), [5, 2, 0, 3]);
        assert_eq!(partition(5, 1), 0);
    }
}
