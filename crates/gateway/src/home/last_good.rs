//! What each person's sections last were, for as long as that is worth showing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use part::Piece;
use types::{Timestamp, UserId};

/// What is older is not shown.
const OLDEST: Duration = Duration::from_secs(30);
/// Bytes of one generation, about: there are two.
const MOST: usize = 4 << 20;
/// Bytes that an entry costs beside its text.
const ENTRY: usize = 64;

/// The last good sections. Nothing is looked through to find what is too old or too much: a generation that is full or
/// old becomes the elder, and the elder goes as a whole.
#[derive(Default)]
pub struct LastGood {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<(UserId, usize), (Piece, Timestamp)>,
    elder: HashMap<(UserId, usize), (Piece, Timestamp)>,
    /// What the young one weighs, and since when it is.
    bytes: usize,
    since: Timestamp,
}

impl LastGood {
    /// Keeps what somebody's section at this place is now.
    pub fn keep(&self, user: UserId, at: usize, piece: Piece, now: Timestamp) {
        let weight = piece.get().len() + ENTRY;
        if weight > MOST / 16 {
            return;
        }
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let generations = &mut *generations;
        if generations.bytes + weight > MOST || now.since(generations.since) > OLDEST {
            generations.elder = std::mem::take(&mut generations.young);
            (generations.bytes, generations.since) = (0, now);
        }
        let before = generations.young.insert((user, at), (piece, now));
        let gone = before.map_or(0, |(piece, _)| piece.get().len() + ENTRY);
        generations.bytes = generations.bytes + weight - gone;
    }

    /// What it last was, and how long ago.
    pub fn of(&self, user: UserId, at: usize, now: Timestamp) -> Option<(Piece, Duration)> {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = generations.young.get(&(user, at)).or_else(|| generations.elder.get(&(user, at)));
        let (piece, then) = kept?;
        let age = now.since(*then);
        (age <= OLDEST).then(|| (piece.clone(), age))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    const ANNA: UserId = UserId::trusted(1);
    const BORIS: UserId = UserId::trusted(2);

    fn piece(text: &str) -> Piece {
        to_raw_value(text).unwrap().into()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn seen(last: &LastGood, user: UserId, place: usize, now: Timestamp) -> Option<(String, u64)> {
        last.of(user, place, now).map(|(piece, age)| (piece.get().to_owned(), age.as_secs()))
    }

    #[test]
    fn the_latest_is_shown_for_half_a_minute_and_to_its_owner_alone() {
        let last = LastGood::default();
        last.keep(ANNA, 0, piece("a"), at(100));
        last.keep(ANNA, 0, piece("b"), at(101));
        assert_eq!(seen(&last, ANNA, 0, at(131)), Some(("\"b\"".into(), 30)));
        assert_eq!(seen(&last, ANNA, 0, at(132)), None);
        assert_eq!(seen(&last, ANNA, 1, at(101)), None);
        assert_eq!(seen(&last, BORIS, 0, at(101)), None);
    }

    #[test]
    fn what_is_kept_outlives_the_end_of_its_generation() {
        let last = LastGood::default();
        last.keep(ANNA, 0, piece("a"), at(100));
        last.keep(ANNA, 0, piece("b"), at(129));
        last.keep(BORIS, 0, piece("c"), at(131));
        assert_eq!(seen(&last, ANNA, 0, at(140)), Some(("\"b\"".into(), 11)));
    }

    #[test]
    fn it_never_grows_beyond_two_generations() {
        let last = LastGood::default();
        let long = piece(&"x".repeat(100_000));
        for user in 1..1_000 {
            last.keep(UserId::trusted(user), 0, long.clone(), at(100));
            let generations = last.generations.lock().unwrap();
            let entries = generations.young.len() + generations.elder.len();
            assert!(generations.bytes <= MOST && entries * 100_000 <= 2 * MOST, "{entries}");
        }
        assert!(seen(&last, UserId::trusted(999), 0, at(100)).is_some());
        last.keep(ANNA, 0, piece(&"x".repeat(MOST)), at(100));
        assert_eq!(seen(&last, ANNA, 0, at(100)), None);
    }

    #[test]
    fn the_same_kept_again_weighs_once() {
        let last = LastGood::default();
        for _ in 0..10_000 {
            last.keep(ANNA, 0, piece(&"x".repeat(1_000)), at(100));
        }
        assert_eq!(last.generations.lock().unwrap().bytes, 1_002 + ENTRY);
    }
}
