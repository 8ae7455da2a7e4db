//! How long a job rests before it is tried again.

use std::time::Duration;

/// How often, and how long between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// How often it is tried.
    pub attempts: u32,
    /// The longest rest after the first attempt; each further one may be twice as long,
    pub base: Duration,
    /// up to this.
    pub cap: Duration,
}

impl Backoff {
    /// Ten times over about an hour and a half.
    pub const USUAL: Self =
        Self { attempts: 10, base: Duration::from_secs(10), cap: Duration::from_mins(30) };

    /// The rest after this attempt (from 1): anything up to the longest, as `dice` fall, so that what failed together does not
    /// come back together.
    pub fn rest(&self, attempt: u32, dice: u64) -> Duration {
        let longest = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(self.cap);
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(u64::try_from((u128::from(dice) * u128::from(micros)) >> 64).unwrap_or(micros))
    }
}

/// Dice that fall in one way for each attempt of each job, and in no way that anybody sees a rule in.
pub fn dice(job: i64, attempt: u32) -> u64 {
    let mut z = job.cast_unsigned().wrapping_add(u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_fill_the_whole_time_and_grow_up_to_the_cap() {
        let backoff = Backoff { attempts: 5, base: Duration::from_secs(1), cap: Duration::from_secs(4) };
        assert_eq!(backoff.rest(1, 0), Duration::ZERO);
        for (attempt, longest) in [(1, 1), (2, 2), (3, 4), (4, 4), (60, 4)] {
            let rest = backoff.rest(attempt, u64::MAX);
            let longest = Duration::from_secs(longest);
            assert!(rest <= longest && rest > longest.mul_f64(0.999), "{attempt}: {rest:?}");
        }
        let rests: Vec<_> = (0..1_000).map(|job| backoff.rest(3, dice(job, 3)).as_secs_f64()).collect();
        let mean = rests.iter().sum::<f64>() / 1_000.0;
        assert!((1.9..2.1).contains(&mean), "evenly spread: {mean}");
    }
}
