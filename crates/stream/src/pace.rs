//! Work that nobody waits for makes way for work that somebody does.

use std::time::{Duration, Instant};

/// Facts told in a second from which on the house has its hands full.
const BUSY: u128 = 1_000;
/// How much longer the rests are then.
const HUMBLER: u32 = 10;
/// No rest is longer.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a group rests between two steps.
pub struct Pace {
    rest: u32,
    last: Option<(Instant, i64)>,
}

impl Pace {
    /// So many times as long as it worked.
    pub const fn new(rest: u32) -> Self {
        Self { rest, last: None }
    }

    /// How long to rest now, after working since then, when this is the number of the newest fact.
    pub fn rest(&mut self, since: Instant, newest: i64, now: Instant) -> Duration {
        let busy = self.last.replace((now, newest)).is_some_and(|(then, number)| {
            let told = u128::try_from(newest - number).unwrap_or(0);
            told * 1_000_000 > BUSY * now.saturating_duration_since(then).as_micros()
        });
        let times = if busy { self.rest * HUMBLER } else { self.rest };
        now.saturating_duration_since(since).saturating_mul(times).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_house_is_left_more_of_its_time() {
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let mut pace = Pace::new(4);
        assert_eq!(pace.rest(at(0), 100, at(10)), Duration::from_millis(40));
        assert_eq!(pace.rest(at(100), 150, at(110)), Duration::from_millis(40));
        assert_eq!(pace.rest(at(200), 1_150, at(210)), Duration::from_millis(400));
        assert_eq!(pace.rest(at(300), 1_150, at(310)), Duration::from_millis(40));
        assert_eq!(pace.rest(at(400), 9_000, at(900)), LONGEST);
        assert_eq!(Pace::new(0).rest(at(0), 100, at(10)), Duration::ZERO);
    }
}
