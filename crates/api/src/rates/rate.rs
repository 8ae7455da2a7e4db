//! The arithmetic of rates (GCRA): a request costs time, and who owes more than a window waits.
//!
//! A debt is in microseconds and is paid by time itself, so one number a client is all there is to keep.

use std::time::Duration;

/// A hundred years: longer ones could not be added to a time of day.
const LONGEST_MICROS: i64 = 3_000_000_000_000_000;

/// So many requests in a window of time. They may come all at once; after that each has to be earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how long.
    pub window: Duration,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It may go on.
    Yes {
        /// How many more may follow at once.
        left: u32,
        /// Until when nothing is owed.
        owed: Duration,
    },
    /// It may be tried again after this.
    No(Duration),
}

impl Rate {
    /// What one request costs.
    pub fn cost(self) -> i64 {
        (self.window_micros() / i64::from(self.count.max(1))).max(1)
    }

    /// What a debt becomes when one more request is taken, if it is.
    pub fn take(self, debt: i64) -> (i64, Taken) {
        let (window, cost) = (self.window_micros(), self.cost());
        // A clock that was set back must not make anybody wait for longer than a window.
        let debt = debt.clamp(0, window);
        let after = debt + cost;
        if after > window {
            return (debt, Taken::No(micros(after - window)));
        }
        let left = u32::try_from((window - after) / cost).unwrap_or(u32::MAX);
        (after, Taken::Yes { left, owed: micros(after) })
    }

    fn window_micros(self) -> i64 {
        i64::try_from(self.window.as_micros()).unwrap_or(LONGEST_MICROS).min(LONGEST_MICROS)
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_A_SECOND: Rate = Rate { count: 10, window: Duration::from_secs(1) };

    /// Takes as often as it may, and says how often that was.
    fn drain(rate: Rate, debt: &mut i64) -> usize {
        std::iter::repeat_with(|| {
            let (after, taken) = rate.take(*debt);
            *debt = after;
            taken
        })
        .take_while(|taken| matches!(taken, Taken::Yes { .. }))
        .count()
    }

    #[test]
    fn all_may_come_at_once_and_then_each_has_to_be_earned() {
        let mut debt = 0;
        assert_eq!(drain(TEN_A_SECOND, &mut debt), 10);
        assert_eq!(TEN_A_SECOND.take(debt), (1_000_000, Taken::No(Duration::from_millis(100))));
        debt -= 99_999;
        assert_eq!(TEN_A_SECOND.take(debt).1, Taken::No(Duration::from_micros(1)));
        debt -= 1;
        assert_eq!(drain(TEN_A_SECOND, &mut debt), 1);
        debt -= 500_000;
        assert_eq!(drain(TEN_A_SECOND, &mut debt), 5);
    }

    #[test]
    fn what_is_left_is_said() {
        let left = |debt| match TEN_A_SECOND.take(debt).1 {
            Taken::Yes { left, .. } => i64::from(left),
            Taken::No(_) => -1,
        };
        assert_eq!([left(0), left(1), left(800_000), left(900_000), left(900_001)], [9, 8, 1, 0, -1]);
    }

    #[test]
    fn over_any_time_no_more_are_taken_than_a_window_and_what_was_earned() {
        let rate = Rate { count: 7, window: Duration::from_millis(333) };
        for pause in [1, 1_000, 20_000, 47_571, 47_572, 100_000, 333_000] {
            let (mut debt, mut taken, rounds) = (0_i64, 0_usize, 2_000_i64);
            for _ in 0..rounds {
                debt = (debt - pause).max(0);
                taken += drain(rate, &mut debt);
            }
            let earned = rate.count as usize + usize::try_from(rounds * pause / rate.cost()).unwrap();
            assert!(taken <= earned, "{taken} of {earned} with pauses of {pause} µs");
            assert!(
                pause * 7 > 333_000 || taken >= earned - 1,
                "{taken} of {earned} with pauses of {pause} µs"
            );
        }
    }

    #[test]
    fn a_clock_that_goes_back_costs_a_window_at_most() {
        assert_eq!(TEN_A_SECOND.take(i64::MAX), (1_000_000, Taken::No(Duration::from_millis(100))));
        assert_eq!(TEN_A_SECOND.take(i64::MIN).0, 100_000);
    }

    #[test]
    fn odd_rates_are_none_the_worse() {
        let taken = |count, window| drain(Rate { count, window }, &mut 0);
        assert_eq!(taken(1, Duration::from_hours(24)), 1);
        assert_eq!(taken(0, Duration::from_secs(1)), 1);
        assert_eq!(taken(u32::MAX, Duration::from_millis(1)), 1_000);
        assert_eq!(taken(3, Duration::ZERO), 0);
    }
}
