//! What a batch of messages adds to the buckets.

use db::Value;
use types::{Timestamp, UserId};

use super::{Grain, Of};

/// Buckets, each as often as there are messages to add to it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Series, start and subject.
    buckets: Vec<[i64; 3]>,
}

impl Tally {
    /// Adds a message that was written then and came to these.
    pub fn message(&mut self, from: UserId, to: &[UserId], at: Timestamp) {
        let all = [Of::All, Of::Sent(from)].into_iter().chain(to.iter().copied().map(Of::Received));
        for of in all {
            let bucket = |grain: Grain| [of.series(grain), grain.start(at.seconds()), of.subject()];
            self.buckets.extend(Grain::ALL.map(bucket));
        }
    }

    /// As rows (series, start, subject, messages), each bucket once, in the order of the table: so few pages are touched,
    /// and no two transactions wait for each other in turns.
    pub fn rows(mut self) -> Vec<Vec<Value>> {
        self.buckets.sort_unstable();
        let row = |same: &[[i64; 3]]| {
            let messages = i64::try_from(same.len()).unwrap_or(i64::MAX);
            same[0].into_iter().chain([messages]).map(Value::Int).collect()
        };
        self.buckets.chunk_by(|one, other| one == other).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_there_once_however_many_messages_it_gets() {
        let (anna, ben) = (UserId::trusted(1), UserId::trusted(2));
        let mut tally = Tally::default();
        for second in [60, 60, 61] {
            tally.message(anna, &[ben], Timestamp::from_millis(second * 1_000 + 999));
        }
        let rows: Vec<Vec<i64>> = tally.rows().iter().map(|row| row.iter().map(number).collect()).collect();
        assert_eq!(rows.len(), 3 * 5, "two seconds, a minute, an hour and a day, each for three");
        assert!(rows.is_sorted());
        assert_eq!(rows.iter().map(|row| row[3]).sum::<i64>(), 3 * 4 * 3);
        assert_eq!(rows[0], [0, 60, 0, 2]);
    }

    fn number(value: &Value) -> i64 {
        let Value::Int(number) = value else { panic!("{value:?} is no number") };
        *number
    }
}
