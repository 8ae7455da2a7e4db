//! Making ids: 41 bits of milliseconds since 2026, 5 of slot, 7 of counter.
//!
//! A slot belongs to one process at a time, by a lease in the database. The generator never makes an id of a moment
//! after the lease's end, so whoever takes the slot later starts behind everything its last holder made.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::{Clock, Error, Id, Result, Timestamp};

/// 2026-01-01T00:00:00Z, in milliseconds since 1970.
const EPOCH_MS: i64 = 1_767_225_600_000;
const SLOT_BITS: u32 = 5;
const COUNTER_BITS: u32 = 7;
const COUNTER: i64 = (1 << COUNTER_BITS) - 1;
/// How many processes may make ids at once.
pub const SLOTS: i64 = 1 << SLOT_BITS;
/// A full counter borrows from the milliseconds to come, but never more of them than this: further ahead, ids would
/// say nothing about when they were made.
const AHEAD_MS: i64 = 1_000;

/// Makes ids. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Ids {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    slot: AtomicI64,
    /// The last id made, as milliseconds and counter in one number (the slot left out), so that one add makes the next.
    last: AtomicI64,
    /// No id may be of a later millisecond than this.
    lease_end_ms: AtomicI64,
}

impl Ids {
    /// Ids of this slot, until the lease ends.
    pub fn new(clock: Arc<dyn Clock>, slot: i64, lease_end: Timestamp) -> Self {
        debug_assert!((0..SLOTS).contains(&slot), "there are only {SLOTS} slots");
        let shared = Shared {
            clock,
            slot: AtomicI64::new(slot),
            last: AtomicI64::new(0),
            lease_end_ms: AtomicI64::new(lease_end.millis()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The next id, of any kind. `Unavailable` when the lease has run out: better no id than somebody else's.
    pub fn next<T>(&self) -> Result<Id<T>> {
        self.take(1)
    }

    /// The next ids, so many of one kind. Whoever keeps the first one has them all: see [`run`](Self::run).
    pub fn next_many<T>(&self, count: usize) -> Result<Vec<Id<T>>> {
        let taken = i64::try_from(count.max(1)).unwrap_or(i64::MAX);
        Ok(Self::run(self.take(taken)?, count).collect())
    }

    /// So many ids that were made together, of which this was the first.
    pub fn run<T>(first: Id<T>, count: usize) -> impl Iterator<Item = Id<T>> {
        let (slot, number) = (first.number() >> COUNTER_BITS & (SLOTS - 1), first.number());
        let first = number >> (SLOT_BITS + COUNTER_BITS) << COUNTER_BITS | number & COUNTER;
        (first..).take(count).map(move |moment| of(slot, moment))
    }

    /// The least id of that moment: all that were made before it are less.
    pub fn first_of<T>(moment: Timestamp) -> Id<T> {
        Id::trusted((moment.millis() - EPOCH_MS).max(0) << (SLOT_BITS + COUNTER_BITS))
    }

    /// Takes so many, which follow one another; the first one.
    fn take<T>(&self, count: i64) -> Result<Id<T>> {
        let now_ms = self.shared.clock.now().millis() - EPOCH_MS;
        let end_ms = (self.shared.lease_end_ms.load(Ordering::Acquire) - EPOCH_MS).min(now_ms + AHEAD_MS);
        let first = |last: i64| (now_ms << COUNTER_BITS).max(last + 1);
        let step = |last: i64| {
            let taken = first(last).saturating_add(count - 1);
            (taken >> COUNTER_BITS <= end_ms).then_some(taken)
        };
        let Ok(last) = self.shared.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) else {
            return Err(Error::unavailable(
                "no ids can be made: the lease on this process's slot has run out",
            ));
        };
        Ok(of(self.slot(), first(last)))
    }

    /// The lease was renewed until then.
    pub fn extend(&self, lease_end: Timestamp) {
        self.shared.lease_end_ms.store(lease_end.millis(), Ordering::Release);
    }

    /// The old slot is lost and this one is ours. Only ever called when the old lease has ended: the new slot is
    /// written before the new end, so that no id is made with the one and not the other.
    pub fn move_to(&self, slot: i64, lease_end: Timestamp) {
        self.shared.slot.store(slot, Ordering::Release);
        self.extend(lease_end);
    }

    /// The end of the lease.
    pub fn lease_end(&self) -> Timestamp {
        Timestamp::from_millis(self.shared.lease_end_ms.load(Ordering::Acquire))
    }

    /// The slot in use.
    pub fn slot(&self) -> i64 {
        self.shared.slot.load(Ordering::Acquire)
    }

    /// The moment of the last id made, which may lie a little ahead of the clock.
    pub fn last(&self) -> Timestamp {
        Timestamp::from_millis((self.shared.last.load(Ordering::Relaxed) >> COUNTER_BITS) + EPOCH_MS)
    }
}

/// The id of a moment: milliseconds and counter in one number.
const fn of<T>(slot: i64, moment: i64) -> Id<T> {
    let (millis, counter) = (moment >> COUNTER_BITS, moment & COUNTER);
    Id::trusted(millis << (SLOT_BITS + COUNTER_BITS) | slot << COUNTER_BITS | counter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskId;

    struct At(AtomicI64);
    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    fn ids(now_ms: i64, lease_ms: i64) -> (Arc<At>, Ids) {
        let clock = Arc::new(At(AtomicI64::new(now_ms)));
        (clock.clone(), Ids::new(clock, 3, Timestamp::from_millis(lease_ms)))
    }

    #[test]
    fn ids_grow_also_when_the_clock_steps_back() {
        let (clock, ids) = ids(EPOCH_MS + 1_000_000, EPOCH_MS + 2_000_000);
        let first: TaskId = ids.next().unwrap();
        clock.0.fetch_sub(500, Ordering::Relaxed);
        let second: TaskId = ids.next().unwrap();
        assert!(second > first);
        assert!(second.number() < 1 << 53);
        assert_eq!(second.number() >> COUNTER_BITS & (SLOTS - 1), 3);
    }

    #[test]
    fn a_full_counter_borrows_the_next_millisecond() {
        let (_, ids) = ids(EPOCH_MS + 1_000, EPOCH_MS + 60_000);
        let made: Vec<i64> = (0..1_000).map(|_| ids.next::<crate::id::Task>().unwrap().number()).collect();
        assert!(made.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(ids.last(), Timestamp::from_millis(EPOCH_MS + 1_000 + 7));
    }

    #[test]
    fn ids_that_are_made_together_are_known_by_the_first() {
        let (_, ids) = ids(EPOCH_MS + 1_000, EPOCH_MS + 60_000);
        let before: TaskId = ids.next().unwrap();
        let made: Vec<TaskId> = ids.next_many(300).unwrap();
        let after: TaskId = ids.next().unwrap();
        assert!(before < made[0] && made.is_sorted_by(|one, next| one < next) && made[299] < after);
        assert_eq!(Ids::run(made[0], 300).collect::<Vec<_>>(), made);
        assert!(made.iter().all(|id| id.number() >> COUNTER_BITS & (SLOTS - 1) == 3));
        assert!(matches!(ids.next_many::<crate::id::Task>(1 << 20), Err(Error::Unavailable { .. })));
        assert!(ids.next::<crate::id::Task>().is_ok(), "those that could not be made are not lost");
        assert_eq!(ids.next_many::<crate::id::Task>(0).unwrap(), []);
    }

    #[test]
    fn no_id_is_made_beyond_the_lease() {
        let (clock, ids) = ids(EPOCH_MS + 1_000, EPOCH_MS + 2_000);
        clock.0.store(EPOCH_MS + 2_001, Ordering::Relaxed);
        assert!(matches!(ids.next::<crate::id::Task>(), Err(Error::Unavailable { .. })));
        ids.extend(Timestamp::from_millis(EPOCH_MS + 9_000));
        assert!(ids.next::<crate::id::Task>().is_ok());
    }
}
