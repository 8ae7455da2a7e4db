//! What to do about records that were heard.

use super::record::{Record, Spot};
use crate::Fact;
use crate::standing::{Moves, partition};

/// A record, and where it was found.
pub struct Heard {
    /// Its partition.
    pub part: usize,
    /// Its place there.
    pub offset: i64,
    /// None when it is not ours.
    pub record: Option<Record>,
}

/// What to do about records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Facts to be handled at once.
    pub facts: Vec<Fact>,
    /// How far that brings each partition.
    pub upto: Moves,
    /// Then what partitions lack, up to these numbers.
    pub missing: Moves,
    /// And so many records are done with.
    pub used: usize,
    /// So many of them are of another database.
    pub of_other_houses: usize,
    /// The next one is of another number of partitions.
    pub is_of_others: bool,
}

/// Takes what is new, until a record tells that something is missing before it.
pub fn sift(at: &[i64], origin: i64, heard: &[Heard]) -> Sifted {
    let mut sifted = Sifted::default();
    for Heard { part, record, .. } in heard {
        let Some(Record { spot, fact }) = record.as_ref().filter(|record| record.spot.origin == origin)
        else {
            sifted.of_other_houses += usize::from(record.is_some());
            sifted.used += 1;
            continue;
        };
        let here = stands(at, &sifted.upto, *part);
        if spot.number > here {
            sifted.is_of_others = spot.of != at.len() || *part >= at.len();
            let is_at_home = |fact: &Fact| partition(fact.key, at.len()) == *part;
            if sifted.is_of_others || !fact.as_ref().is_none_or(is_at_home) {
                sifted.is_of_others = true;
                break;
            }
            if spot.after > here {
                sifted.missing = missing(at, &sifted.upto, origin, &heard[sifted.used..]);
                break;
            }
            sifted.facts.extend(fact.clone());
            sifted.upto.insert(*part, spot.number);
        }
        sifted.used += 1;
    }
    sifted
}

/// What is missing before the first new record of each partition: all of it can be looked for together.
fn missing(at: &[i64], upto: &Moves, origin: i64, heard: &[Heard]) -> Moves {
    let mut first: Moves = Moves::new();
    for Heard { part, record, .. } in heard {
        let Some(Record { spot: Spot { number, after, of, .. }, .. }) =
            record.as_ref().filter(|record| record.spot.origin == origin)
        else {
            continue;
        };
        if *of == at.len() && *number > stands(at, upto, *part) {
            first.entry(*part).or_insert(*after);
        }
    }
    first.retain(|part, after| *after > stands(at, upto, *part));
    first
}

/// Where a partition stands after what was taken.
fn stands(at: &[i64], upto: &Moves, part: usize) -> i64 {
    upto.get(&part).or(at.get(part)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use types::Timestamp;

    use super::*;

    const ORIGIN: i64 = 7;

    /// A record of the second of two partitions, with the fact of a key that lies there.
    fn heard(number: i64, after: i64) -> Heard {
        let key = (0..9).find(|key| partition(*key, 2) == 1).unwrap();
        let now = Timestamp::default();
        let (topic, kind, body) = ("tasks".into(), "created".into(), "{}".into());
        let fact = Fact { number, id: 1, topic, key, kind, body, created_at: now, published_at: now };
        let spot = Spot { number, after, of: 2, origin: ORIGIN };
        Heard { part: 1, offset: number, record: Some(Record { spot, fact: Some(fact) }) }
    }

    fn changed(mut heard: Heard, change: impl FnOnce(&mut Record)) -> Heard {
        change(heard.record.as_mut().unwrap());
        heard
    }

    /// Facts, how far they bring the partition, what is missing then, and how many records that was.
    fn sifted(records: &[Heard]) -> (Vec<i64>, Option<i64>, Option<i64>, usize) {
        let sifted = sift(&[0, 10], ORIGIN, records);
        let numbers = sifted.facts.iter().map(|fact| fact.number).collect();
        (numbers, sifted.upto.get(&1).copied(), sifted.missing.get(&1).copied(), sifted.used)
    }

    #[test]
    fn what_follows_is_taken_and_what_was_heard_is_passed_over() {
        let records = [heard(9, 4), heard(10, 9), heard(12, 10), heard(12, 8), heard(15, 12)];
        assert_eq!(sifted(&records), (vec![12, 15], Some(15), None, 5));
        // A relay that begins in the middle knows no more than that nothing before it is missing.
        assert_eq!(sifted(&[heard(12, 8)]), (vec![12], Some(12), None, 1));
        let word = changed(heard(20, 10), |record| record.fact = None);
        assert_eq!(sifted(&[word]), (vec![], Some(20), None, 1));
    }

    #[test]
    fn what_is_missing_is_asked_for_before_what_comes_after_it() {
        let records = [heard(12, 10), heard(20, 18), heard(22, 20)];
        assert_eq!(sifted(&records), (vec![12], Some(12), Some(18), 1));
        assert_eq!(sifted(&records[1..]), (vec![], None, Some(18), 0));
    }

    #[test]
    fn nothing_of_another_house_or_of_nobody_is_taken() {
        let other = changed(heard(12, 10), |record| record.spot.origin = 8);
        let nobody = Heard { record: None, ..heard(12, 10) };
        let sifted = sift(&[0, 10], ORIGIN, &[other, nobody]);
        assert_eq!(sifted, Sifted { used: 2, of_other_houses: 1, ..Sifted::default() });
    }

    #[test]
    fn what_was_published_to_another_number_of_partitions_is_not_taken() {
        let more = changed(heard(12, 10), |record| record.spot.of = 3);
        let elsewhere = Heard { part: 0, ..heard(12, 10) };
        for record in [more, elsewhere] {
            let sifted = sift(&[0, 10], ORIGIN, &[record]);
            assert_eq!(sifted, Sifted { is_of_others: true, ..Sifted::default() });
        }
        let heard_before = changed(heard(9, 4), |record| record.spot.of = 3);
        assert_eq!(sifted(&[heard_before]), (vec![], None, None, 1));
    }
}
