//! Brings a topic here that is told in another database: copies what is wanted of it into the facts of this one.
//!
//! The table of the sender cannot be read from here, and so what is missing stays missing: that is said, and counted.

mod ages;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use db::{Along, Step};
use types::{Ids, Result};

use super::Kafka;
use super::ear::Ear;
use super::record::Spot;
use super::sift::sift;
use crate::mark::Mark;
use crate::pace::put_off;
use crate::standing::Moves;
use crate::store::{FERRY, Place};
use crate::{Fact, Stream, Teller};
use ages::Whose;
pub use ages::{Age, Ages, LAID};

/// Records copied in one transaction.
const AT_ONCE: usize = 500;

/// What is needed to bring a topic here.
#[derive(Clone)]
pub struct Ferry {
    kafka: Kafka,
    group: String,
    kinds: Vec<&'static str>,
    ids: Ids,
    lag: Arc<AtomicI64>,
}

impl Ferry {
    /// Brings facts of these kinds by this cluster, under new ids. Processes on one database have a group of one name, and
    /// those on another one of another.
    pub fn new(kafka: Kafka, group: String, kinds: Vec<&'static str>, ids: Ids) -> Self {
        Self { kafka, group, kinds, ids, lag: Arc::default() }
    }

    /// Its group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// How many records this process has still before it, as far as it knows.
    pub fn lag(&self) -> i64 {
        self.lag.load(Ordering::Relaxed)
    }
}

/// Brings the topic for as long as it is polled.
pub async fn bring(stream: &Stream, topic: &'static str, ferry: &Ferry) {
    let mut failures = 0;
    loop {
        let Err(error) = session(stream, topic, ferry).await;
        failures = put_off(&ferry.group, "facts could not be brought", &error, failures).await;
    }
}

async fn session(stream: &Stream, topic: &'static str, ferry: &Ferry) -> Result<std::convert::Infallible> {
    let mut crossing = Crossing::begin(stream, topic, ferry).await?;
    let mut failures = 0;
    loop {
        crossing.ear.gather().await;
        match crossing.handle().await {
            Ok(()) => failures = 0,
            Err(error) => {
                crossing.ages = None;
                failures = put_off(&ferry.group, "facts could not be copied", &error, failures).await;
            }
        }
    }
}

/// A ferry at work.
struct Crossing<'s> {
    stream: &'s Stream,
    ferry: &'s Ferry,
    place: Place,
    teller: Teller,
    ear: Ear,
    /// The database whose facts these are; none until it is known.
    sender: Option<i64>,
    /// As they are written; nothing when they have to be read again.
    ages: Option<Ages>,
    /// The numbers after which something was missing when these partitions were heard again from their beginning.
    sought: BTreeMap<(usize, usize), i64>,
}

impl<'s> Crossing<'s> {
    async fn begin(stream: &'s Stream, topic: &'static str, ferry: &'s Ferry) -> Result<Self> {
        // A database that begins anew under the same name hears again what its forerunner has heard.
        let group = format!("{}.{}", ferry.group, stream.facts().origin(stream.now()).await?);
        let line = ferry.kafka.line.lagging(ferry.lag.clone());
        Ok(Self {
            ear: Ear::join(&ferry.kafka, &group, topic, line, stream.leaving())?,
            place: Place { consumer: FERRY, topic },
            teller: stream.teller(ferry.ids.clone()),
            stream,
            ferry,
            sender: None,
            ages: None,
            sought: BTreeMap::new(),
        })
    }

    /// Copies what is wanted of what was heard.
    async fn handle(&mut self) -> Result<()> {
        let (mut done, mut refused) = (0, None);
        while let Some(heard) = self.ear.heard.get(done) {
            let spot = heard.record.as_ref().map(|record| record.spot);
            let Some(spot) = spot.filter(|spot| spot.of > 0) else {
                done += 1;
                continue;
            };
            if self.sender(spot.origin).await? != spot.origin {
                self.ear.meets(1);
                done += 1;
                continue;
            }
            let ages = self.ages().await?;
            match ages.whose(spot) {
                Whose::Of(age) => done = self.take(ages, age, done).await?,
                Whose::Begins(since) => self.lay(&ages, spot, since).await?,
                Whose::MayBegin(since) if refused != Some(spot.of) && self.begins(&ages, spot.of).await? => {
                    self.lay(&ages, spot, since).await?;
                }
                over => {
                    refused = if over == Whose::Over { refused } else { Some(spot.of) };
                    self.ages = Some(ages);
                    done += 1;
                }
            }
        }
        self.ear.let_go(done);
        Ok(())
    }

    /// Takes what comes next of one age; how many of the records that were heard are done then.
    async fn take(&mut self, mut ages: Ages, age: usize, done: usize) -> Result<usize> {
        let at = &ages.all[age].at;
        let heard = self.ear.heard[done..].chunks(AT_ONCE).next().unwrap_or_default();
        let mut sifted = sift(at, self.sender.unwrap_or_default(), ages.run(age, heard));
        if let Some(part) = self.lost(at, &sifted.missing) {
            self.ear.let_go(done);
            if self.ear.rewind(part) {
                self.sought.insert((at.len(), part), at[part]);
            }
            self.ages = Some(ages);
            return Ok(0);
        }
        let is_wanted = |fact: &Fact| {
            fact.topic == self.place.topic && self.ferry.kinds.contains(&&*fact.kind) && ages.takes(age, fact)
        };
        sifted.facts.retain(is_wanted);
        let gaps: Vec<(usize, i64, i64)> =
            sifted.missing.iter().map(|(part, after)| (*part, at[*part], *after)).collect();
        let mut upto = sifted.upto;
        upto.extend(sifted.missing);
        if !self.copy(&mut ages, age, sifted.facts, &upto).await? {
            // Another process has moved it, or laid another age, and all is read again.
            return Ok(done);
        }
        gaps.into_iter().filter(|(_, here, _)| *here > 0).for_each(|gap| self.is_missing(gap));
        self.ages = Some(ages);
        self.ear.meets(sifted.of_other_houses);
        // The next one may be of another age; or it is nobody's, and lies where its key does not.
        let is_nobodys = sifted.is_of_others && sifted.used == 0;
        Ok(done + sifted.used + usize::from(is_nobodys))
    }

    /// A partition of which something is missing, and that was not heard again from its beginning: this database may have
    /// been brought back to an earlier day. Before the first number of all nothing is missing.
    fn lost(&self, at: &[i64], missing: &Moves) -> Option<usize> {
        let was_sought = |part: usize| self.sought.get(&(at.len(), part)) == Some(&at[part]);
        missing.keys().copied().find(|part| at[*part] > 0 && !was_sought(*part))
    }

    fn is_missing(&self, (part, here, after): (usize, i64, i64)) {
        let (topic, numbers) = (self.place.topic, after - here);
        tracing::error!(
            topic,
            part,
            after = here,
            numbers,
            "facts of another database are missing: the cluster no longer has these numbers, or never had"
        );
        self.stream.counts().missing(topic, numbers);
    }

    /// Copies these facts and moves on. False when the ages are not those any more.
    async fn copy(&self, ages: &mut Ages, age: usize, facts: Vec<Fact>, upto: &Moves) -> Result<bool> {
        let before = ages.all[age].clone();
        ages.bring(age, upto);
        let moves = before.at.iter().zip(&ages.all[age].at).enumerate().filter(|(_, (from, to))| from != to);
        let moves = moves.map(|(part, (from, to))| self.place.step(before.row(part), *from, *to));
        let moves: Vec<Step> = moves.collect();
        if moves.is_empty() {
            return Ok(true);
        }
        let ages_are_these = self.place.step(LAID, ages.laid, ages.laid);
        let along = Along::none().with(self.teller.again(facts)?);
        let steps = std::iter::once(ages_are_these).chain(moves).collect();
        Ok(self.stream.facts().leave(along.with(Mark::new(steps).0)).await?)
    }

    /// Lays the age of this record, unless another process lays one.
    async fn lay(&self, ages: &Ages, spot: Spot, since: i64) -> Result<()> {
        let (topic, partitions) = (self.place.topic, spot.of);
        if self.stream.facts().lay(self.place, ages.laid, &Age::new(partitions, since)).await? {
            tracing::info!(topic, partitions, since, "facts of another database come by so many partitions");
        }
        Ok(())
    }

    async fn begins(&self, ages: &Ages, of: usize) -> Result<bool> {
        Ok(ages.has_come_to(of, self.ferry.kafka.parts_by_now(self.place.topic, of).await?))
    }

    async fn ages(&mut self) -> Result<Ages> {
        match self.ages.take() {
            Some(ages) => Ok(ages),
            None => Ok(Ages::read(self.stream.facts().rows(self.place).await?)),
        }
    }

    /// Whose facts are heard: those of whoever was heard first.
    async fn sender(&mut self, first: i64) -> Result<i64> {
        let sender = match self.sender {
            Some(sender) => sender,
            None => self.stream.facts().sender(self.place.topic, first).await?,
        };
        Ok(*self.sender.insert(sender))
    }
}
