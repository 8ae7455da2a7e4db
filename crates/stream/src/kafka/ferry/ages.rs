//! How far a ferry has come, also over changes of the number of partitions.
//!
//! Whoever has the table brings a group to one number when partitions are added. A ferry has none, and what was published to
//! the old partitions may still lie in some when the first record of the new ones comes. So it keeps an age for each number
//! of partitions: a number for each of them, and the number since which facts are published to them. A relay that finds
//! another number of partitions begins where everything has landed in the old ones (`since`) and publishes all after that to
//! the new ones, and so
//!
//! - of an earlier age only facts up to the next one's beginning are taken: the others come once more, in the next one;
//! - of a later age only those are taken that an earlier one had not come to, by the partition that their key had there: it may
//!   have taken some beyond that beginning before anybody knew of it, and stops there from then on.
//!
//! Each fact is taken in exactly one of them, whichever is read first. Facts of one key may change places meanwhile.

use crate::Fact;
use crate::kafka::record::Spot;
use crate::kafka::sift::Heard;
use crate::standing::{Moves, partition};

/// The row that counts how often ages were laid: each transaction of a ferry holds on to it, and so all know the same ages.
pub const LAID: i64 = 0;
/// Rows of one age, more than a topic can have partitions.
const WIDTH: i64 = 1 << 24;

/// Where a ferry stands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Ages {
    /// How often one was laid.
    pub laid: i64,
    /// In their order.
    pub all: Vec<Age>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// Nothing up to this number is published to its partitions.
    pub since: i64,
    /// By partition; zero where none was heard yet.
    pub at: Vec<i64>,
}

/// Which age a record is of.
#[derive(Debug, PartialEq, Eq)]
pub enum Whose {
    /// This one.
    Of(usize),
    /// Nobody's: what it may hold comes once more in the age after its own.
    Over,
    /// One that is not there yet, which begins with this number.
    Begins(i64),
    /// One that begins with this number, if the topic has come to so many partitions; otherwise it was published by a relay
    /// that did not know, and another does so again.
    MayBegin(i64),
}

impl Age {
    /// With nothing heard yet.
    pub fn new(of: usize, since: i64) -> Self {
        Self { since, at: vec![0; of] }
    }

    /// The row of one of its partitions.
    pub fn row(&self, part: usize) -> i64 {
        self.first_row() + 1 + count(part)
    }

    /// The first of its rows, which says since when it is.
    pub fn first_row(&self) -> i64 {
        count(self.at.len()) * WIDTH
    }

    /// The first row that is another's.
    pub fn end(&self) -> i64 {
        self.first_row() + WIDTH
    }

    /// All of its rows.
    pub fn rows(&self) -> impl Iterator<Item = (i64, i64)> {
        let parts = self.at.iter().enumerate().map(|(part, at)| (self.row(part), *at));
        std::iter::once((self.first_row(), self.since)).chain(parts)
    }
}

impl Ages {
    /// As these rows say, which are in order.
    pub fn read(rows: Vec<(i64, i64)>) -> Self {
        let mut ages = Self::default();
        for (row, value) in rows {
            match (row, row % WIDTH) {
                (LAID, _) => ages.laid = value,
                (_, 0) => ages.all.push(Age { since: value, at: Vec::new() }),
                _ => ages.all.last_mut().into_iter().for_each(|age| age.at.push(value)),
            }
        }
        ages.all.sort_by_key(|age| (age.since, age.at.len()));
        ages
    }

    /// Whose a record is that stands here.
    pub fn whose(&self, spot: Spot) -> Whose {
        let find = |of: usize| self.all.iter().position(|age| age.at.len() == of);
        let Some(last) = self.all.last() else { return Whose::Begins(spot.after) };
        if last.at.len() == spot.of {
            return Whose::Of(self.all.len() - 1);
        }
        if spot.after < last.since {
            let found = find(spot.of);
            return match found {
                None => Whose::Begins(self.place(spot)),
                Some(age) if spot.after < self.end(age) => Whose::Of(age),
                Some(_) => Whose::Over,
            };
        }
        // It has to be the last, also when a topic was made anew with fewer partitions.
        let is_behind = spot.after == last.since && spot.of < last.at.len();
        Whose::MayBegin(spot.after + i64::from(is_behind))
    }

    /// Since when an age was that is heard of after later ones: partitions become more, and so it has its place between those
    /// of fewer and those of more, also where its first records are gone.
    fn place(&self, spot: Spot) -> i64 {
        let (fewer, more): (Vec<&Age>, _) = self.all.iter().partition(|age| age.at.len() < spot.of);
        let from = fewer.iter().map(|age| age.since).max().unwrap_or(0);
        let upto = more.iter().map(|age| age.since).min().unwrap_or(i64::MAX);
        spot.after.max(from).min(upto)
    }

    /// Whether a topic that has so many `parts` by now has come to so many of them after the last age, be it on its way.
    pub fn has_come_to(&self, of: usize, parts: usize) -> bool {
        let last = self.all.last().map_or(0, |last| last.at.len());
        of == parts || (last < of && of < parts)
    }

    /// The last number that is taken in this age.
    pub fn end(&self, age: usize) -> i64 {
        self.all.get(age + 1).map_or(i64::MAX, |next| next.since)
    }

    /// The records before the first that is not of this age, or lies behind its end: to that one these numbers mean nothing.
    pub fn run<'h>(&self, age: usize, heard: &'h [Heard]) -> &'h [Heard] {
        let (of, end) = (self.all[age].at.len(), self.end(age));
        let is_anothers = |spot: Spot| spot.of != of || spot.after >= end;
        let ends = |heard: &Heard| heard.record.as_ref().is_some_and(|record| is_anothers(record.spot));
        &heard[..heard.iter().position(ends).unwrap_or(heard.len())]
    }

    /// Whether a fact that was heard in this age is taken in it.
    pub fn takes(&self, age: usize, fact: &Fact) -> bool {
        let has_not = |earlier: &Age| fact.number > earlier.at[partition(fact.key, earlier.at.len())];
        fact.number <= self.end(age) && self.all[..age].iter().all(has_not)
    }

    /// Brings these partitions of an age to these numbers, but none beyond its end: what is there is not taken in it.
    pub fn bring(&mut self, age: usize, upto: &Moves) {
        let end = self.end(age);
        for (part, upto) in upto {
            let at = &mut self.all[age].at[*part];
            *at = (*upto).min(end).max(*at);
        }
    }
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX / WIDTH)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use types::Timestamp;

    use super::*;
    use crate::kafka::record::Record;
    use crate::kafka::sift::sift;

    fn spot(of: usize, after: i64, number: i64) -> Spot {
        Spot { number, after, of, origin: 1 }
    }

    fn fact(number: i64, key: i64) -> Fact {
        let now = Timestamp::default();
        let (topic, kind, body) = ("accounts".into(), "deleted".into(), "{}".into());
        Fact { number, id: number, topic, key, kind, body, created_at: now, published_at: now }
    }

    #[test]
    fn ages_are_read_as_they_were_written() {
        let ages = Ages {
            laid: 2,
            all: vec![Age { since: 4, at: vec![7, 9, 0] }, Age { since: 9, at: vec![11, 0] }],
        };
        let mut rows: Vec<(i64, i64)> = ages.all.iter().flat_map(Age::rows).chain([(LAID, 2)]).collect();
        rows.sort_unstable();
        assert_eq!(Ages::read(rows), ages);
        assert_eq!(Ages::read(vec![]), Ages::default());
    }

    #[test]
    fn a_record_is_of_the_age_of_its_partitions() {
        let mut ages = Ages::default();
        assert_eq!(ages.whose(spot(3, 40, 41)), Whose::Begins(40));
        ages.all.push(Age::new(3, 40));
        assert_eq!(ages.whose(spot(3, 50, 60)), Whose::Of(0));
        assert_eq!(
            ages.whose(spot(2, 30, 60)),
            Whose::Begins(30),
            "what was published before is heard after"
        );
        assert_eq!(ages.whose(spot(5, 70, 70)), Whose::MayBegin(70));
        assert_eq!(ages.whose(spot(2, 40, 70)), Whose::MayBegin(41), "it would be the last one");
        ages.all.push(Age::new(5, 70));
        assert_eq!(ages.whose(spot(3, 69, 80)), Whose::Of(0));
        assert_eq!(ages.whose(spot(3, 70, 80)), Whose::MayBegin(71));
        ages.all.push(Age::new(7, 90));
        assert_eq!(ages.whose(spot(3, 70, 80)), Whose::Over);
    }

    /// Records of facts with these numbers, as a relay publishes them that begins after `since` with so many partitions.
    fn publish(log: &mut BTreeMap<usize, Vec<Record>>, of: usize, since: i64, upto: i64) {
        let mut last = vec![since; of];
        for (part, last) in last.iter_mut().enumerate() {
            let records = log.entry(part).or_default();
            let same = records.iter().filter(|record| record.spot.of == of && record.spot.number <= since);
            // One that begins with as many partitions as were before it knows what the last one has said.
            *last = same.map(|record| record.spot.number).max().unwrap_or(since);
            records.push(Record { spot: spot(of, *last, since), fact: None });
            *last = since;
        }
        for number in since + 1..=upto {
            let fact = fact(number, number * 7 % 11);
            let part = partition(fact.key, of);
            let spot = spot(of, last[part], number);
            last[part] = number;
            log.entry(part).or_default().push(Record { spot, fact: Some(fact) });
        }
    }

    /// Takes records as a ferry does; the numbers of the facts that were taken.
    fn take(ages: &mut Ages, heard: &[Heard], parts: usize) -> Vec<i64> {
        let (mut done, mut taken) = (0, Vec::new());
        while let Some(spot) = heard.get(done).and_then(|heard| heard.record.as_ref()).map(|next| next.spot) {
            let age = match ages.whose(spot) {
                Whose::Of(age) => age,
                Whose::MayBegin(_) if !ages.has_come_to(spot.of, parts) => {
                    done += 1;
                    continue;
                }
                Whose::Begins(since) | Whose::MayBegin(since) => {
                    let mut rows: Vec<(i64, i64)> = ages.all.iter().flat_map(Age::rows).collect();
                    rows.extend(Age::new(spot.of, since).rows());
                    rows.sort_unstable();
                    *ages = Ages::read(rows);
                    continue;
                }
                Whose::Over => {
                    done += 1;
                    continue;
                }
            };
            let sifted = sift(&ages.all[age].at, 1, ages.run(age, &heard[done..]));
            assert!(!sifted.is_of_others);
            for (part, after) in &sifted.missing {
                assert_eq!(
                    ages.all[age].at[*part], 0,
                    "nothing is missing but before the beginning: {after}"
                );
            }
            let numbers = sifted.facts.iter().filter(|fact| ages.takes(age, fact)).map(|fact| fact.number);
            taken.extend(numbers);
            done += sifted.used;
            ages.bring(age, &sifted.upto);
            ages.bring(age, &sifted.missing);
        }
        taken
    }

    #[test]
    fn each_fact_is_taken_once_however_partitions_are_added_and_read() {
        // Numbers that mix well enough, the same each time.
        let mut seed: u64 = 1;
        let mut dice = |sides: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % sides
        };
        for _ in 0..2_000 {
            let mut log = BTreeMap::new();
            // Each relay has published more than it has written when the next one begins.
            let mut since = i64::try_from(dice(3)).unwrap();
            let first = since + 1;
            let mut upto = since;
            let mut before = None;
            for of in [2, 3, 5] {
                upto = upto.max(since) + i64::try_from(dice(20)).unwrap();
                publish(&mut log, of, since, upto);
                since = upto - i64::try_from(dice(6)).unwrap().min(upto - since);
                // The one before may not have noticed, and goes on for a while.
                if let Some((of, from)) = before.replace((of, upto)).filter(|_| dice(3) == 0) {
                    publish(&mut log, of, from, upto);
                }
                // And one may begin once more with the same partitions.
                if dice(3) == 0 {
                    publish(&mut log, of, since, upto);
                }
            }
            let (mut ages, mut taken) = (Ages::default(), Vec::new());
            let mut at: BTreeMap<usize, usize> = BTreeMap::new();
            while log.iter().any(|(part, records)| at.get(part).copied().unwrap_or(0) < records.len()) {
                let mut heard = Vec::new();
                for _ in 0..=dice(12) {
                    let (part, many) = (dice(5), dice(9));
                    let next = at.entry(part).or_default();
                    let records = log.get(&part).map(|records| &records[*next..]).unwrap_or_default();
                    let records = records.iter().take(many).cloned();
                    heard.extend(records.map(|record| Heard { part, offset: 0, record: Some(record) }));
                    *next = log.get(&part).map_or(0, |records| records.len().min(*next + many));
                }
                taken.extend(take(&mut ages, &heard, 5));
                // Now and then what was not noted as done is heard again.
                if dice(9) == 0 {
                    let next = at.entry(dice(5)).or_default();
                    *next = next.saturating_sub(dice(8));
                }
            }
            taken.sort_unstable();
            assert_eq!(taken, (first..=upto).collect::<Vec<_>>());
        }
    }
}
