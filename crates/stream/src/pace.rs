//! Work that nobody waits for makes way for work that somebody does, and nobody looks more often than it is worth.

use std::time::{Duration, Instant};

use types::Error;

use crate::wake::Listener;

/// Facts told in a second from which on the house has its hands full. With fewer there is room for everything.
const BUSY: u128 = 1_000;
/// So many of them make a rest longer by its own length.
const TOLD: u128 = 100;
/// No rest is longer.
const LONGEST: Duration = Duration::from_secs(5);
/// Facts handed to a consumer at once.
const MANY: i64 = 500;
/// The same while others write, for one that makes way: a step is no longer than a write or two, and so the longest rest
/// is a small part of the time also where each write takes long.
const FEW: i64 = 50;

/// After a ring, a moment for more to come: many facts in one transaction cost little more than one.
const LINGER: Duration = Duration::from_millis(10);
/// The longest such moment, for a group to which most of what is told means nothing.
const LONG: Duration = Duration::from_millis(80);

/// How long a group waits for more after a ring: longer each time there was nothing for it, while the house is busy with
/// other things. There are a dozen groups, and most facts are for one of them.
pub struct Linger(Duration);

impl Default for Linger {
    fn default() -> Self {
        Self(LINGER)
    }
}

impl Linger {
    /// Waits for the next ring and what comes with it, after a step that found so many facts for the group.
    pub async fn gather(&mut self, listener: &mut Listener, look: Duration, found: usize) {
        let begun = Instant::now();
        listener.wait(look).await;
        tokio::time::sleep(self.after(found, begun.elapsed())).await;
    }

    fn after(&mut self, found: usize, silence: Duration) -> Duration {
        self.0 = if found > 0 || silence >= LONG { LINGER } else { LONG.min(self.0 * 2) };
        self.0
    }
}

/// How long a group rests between two steps, and how long these are.
pub struct Pace {
    rest: u32,
    shyness: u32,
    begun: Instant,
    /// When it rested last, and the newest fact then.
    last: Option<(Instant, i64)>,
    /// How many times longer that made the rest.
    busy: u32,
}

impl Pace {
    /// So many times as long as it worked, while more is waiting, and more for what others write. The shy feel each of
    /// their facts as if it were several.
    pub fn new(rest: u32, shyness: u32) -> Self {
        Self { rest, shyness, begun: Instant::now(), last: None, busy: 0 }
    }

    /// A step begins.
    pub fn begin(&mut self) {
        self.begun = Instant::now();
    }

    /// How many facts it should have at the most.
    pub const fn portion(&self) -> i64 {
        if self.rest > 0 && self.busy > 0 { FEW } else { MANY }
    }

    /// The step is done, and this is the number of the newest fact.
    pub async fn rest(&mut self, newest: i64, more_is_waiting: bool) {
        let length = self.length(newest, more_is_waiting, Instant::now());
        if !length.is_zero() {
            tokio::time::sleep(length).await;
        }
    }

    fn length(&mut self, newest: i64, more_is_waiting: bool, now: Instant) -> Duration {
        let told = self.last.replace((now, newest)).map_or(0, |(then, number)| {
            let told = u128::try_from(newest - number).unwrap_or(0);
            told * 1_000_000 / now.saturating_duration_since(then).as_micros().max(1)
        });
        let felt = told * u128::from(self.shyness);
        self.busy = if felt < BUSY { 0 } else { u32::try_from(felt / TOLD).unwrap_or(u32::MAX) };
        let times = self.busy.saturating_add(u32::from(more_is_waiting));
        let worked = now.saturating_duration_since(self.begun);
        worked.saturating_mul(self.rest.saturating_mul(times)).min(LONGEST)
    }
}

/// Waits before the next try, longer each time; how often it has failed by now.
pub async fn put_off(who: &str, what: &str, error: &Error, failures: u32) -> u32 {
    if failures == 0 {
        tracing::warn!(who, error = %error, "{what}, and wait");
    }
    let failures = (failures + 1).min(6);
    tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(failures)).await;
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps of ten milliseconds, a second apart.
    fn lengths(pace: &mut Pace, more_is_waiting: bool, newest: &[i64]) -> Vec<(u128, i64)> {
        let start = pace.begun;
        let step = |(at, newest): (u64, &i64)| {
            pace.begun = start + Duration::from_millis(at * 1_000 - 10);
            let length = pace.length(*newest, more_is_waiting, start + Duration::from_secs(at));
            (length.as_millis(), pace.portion())
        };
        (1..).zip(newest).map(step).collect()
    }

    #[test]
    fn a_busy_house_is_left_more_of_its_time_the_more_it_writes() {
        let mut pace = Pace::new(4, 1);
        assert_eq!(
            lengths(&mut pace, true, &[500, 1_499, 2_499, 4_499, 4_499, 24_499]),
            [(40, MANY), (40, MANY), (440, FEW), (840, FEW), (40, MANY), (5_000, FEW)]
        );
        let mut shy = Pace::new(4, 5);
        assert_eq!(lengths(&mut shy, true, &[0, 199, 399]), [(40, MANY), (40, MANY), (440, FEW)]);
    }

    #[test]
    fn who_keeps_up_rests_only_for_others() {
        let mut pace = Pace::new(4, 1);
        assert_eq!(lengths(&mut pace, false, &[0, 999, 1_999]), [(0, MANY), (0, MANY), (400, FEW)]);
        let mut tireless = Pace::new(0, 1);
        assert_eq!(lengths(&mut tireless, true, &[0, 20_000]), [(0, MANY), (0, MANY)]);
    }

    #[test]
    fn a_clock_that_has_not_moved_is_no_division_by_nothing() {
        let mut pace = Pace::new(4, 5);
        let now = pace.begun;
        assert_eq!(pace.length(1, true, now), Duration::ZERO);
        assert_eq!(pace.length(i64::MAX, true, now), Duration::ZERO);
        assert_eq!(pace.length(0, true, now + Duration::from_millis(1)), Duration::from_millis(4));
    }

    #[test]
    fn who_is_rung_for_nothing_waits_longer_until_there_is_something_or_the_house_is_quiet() {
        let mut linger = Linger::default();
        let (busy, quiet) = (Duration::from_millis(1), LONG);
        let steps = [(1, busy), (0, busy), (0, busy), (0, busy), (0, busy), (0, quiet), (0, busy), (3, busy)];
        let lingered: Vec<u128> =
            steps.map(|(found, silence)| linger.after(found, silence).as_millis()).to_vec();
        assert_eq!(lingered, [10, 20, 40, 80, 80, 10, 20, 10]);
    }
}
