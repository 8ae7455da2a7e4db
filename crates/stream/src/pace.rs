//! Work that nobody waits for makes way for work that somebody does.

use std::time::{Duration, Instant};

use types::Error;

/// Facts told in a second from which on the house has its hands full.
const BUSY: u128 = 1_000;
/// How much longer the rests are then.
const HUMBLER: u32 = 10;
/// No rest is longer.
const LONGEST: Duration = Duration::from_secs(5);

/// How long a group rests between two steps.
pub struct Pace {
    rest: u32,
    begun: Instant,
    /// When it rested last, and the newest fact then.
    last: Option<(Instant, i64)>,
}

impl Pace {
    /// So many times as long as it worked.
    pub fn new(rest: u32) -> Self {
        Self { rest, begun: Instant::now(), last: None }
    }

    /// A step begins.
    pub fn begin(&mut self) {
        self.begun = Instant::now();
    }

    /// The step is done, and this is the number of the newest fact.
    pub async fn rest(&mut self, newest: i64) {
        let length = self.length(newest, Instant::now());
        if !length.is_zero() {
            tokio::time::sleep(length).await;
        }
    }

    fn length(&mut self, newest: i64, now: Instant) -> Duration {
        let busy = self.last.replace((now, newest)).is_some_and(|(then, number)| {
            let told = u128::try_from(newest - number).unwrap_or(0);
            told * 1_000_000 > BUSY * now.saturating_duration_since(then).as_micros()
        });
        let times = if busy { self.rest * HUMBLER } else { self.rest };
        now.saturating_duration_since(self.begun).saturating_mul(times).min(LONGEST)
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

    #[test]
    fn a_busy_house_is_left_more_of_its_time() {
        let mut pace = Pace::new(4);
        let at = |begun: Instant, millis| begun + Duration::from_millis(millis);
        let start = pace.begun;
        let mut length = |begun, done, newest| {
            pace.begun = at(start, begun);
            pace.length(newest, at(start, done))
        };
        assert_eq!(length(0, 10, 100), Duration::from_millis(40));
        assert_eq!(length(100, 110, 150), Duration::from_millis(40));
        assert_eq!(length(200, 210, 1_150), Duration::from_millis(400));
        assert_eq!(length(300, 310, 1_150), Duration::from_millis(40));
        assert_eq!(length(400, 900, 9_000), LONGEST);
        let mut tireless = Pace::new(0);
        assert_eq!(tireless.length(100, at(tireless.begun, 10)), Duration::ZERO);
    }
}
