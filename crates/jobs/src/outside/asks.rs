//! Who asks for jobs, and when: a job that waits is told of with it, in whichever process that is asked, and after a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use types::{Timestamp, UserId};

use super::service::Outside;
use crate::chore::Chore;
use crate::kind::Handler;

/// How often a process writes down that a queue is asked for.
const NOTED: Duration = Duration::from_secs(15);
/// Queues whose last note is in memory: with more than these, some are written down more often.
const REMEMBERED: usize = 16_384;
/// How many days it is known when somebody last asked.
pub const KNOWN_DAYS: u64 = 30;

/// When this process has written down last who asks for which queue. Cheap to clone.
#[derive(Clone, Default)]
pub struct Asks {
    by_lane: Arc<Mutex<HashMap<String, Timestamp>>>,
}

impl Asks {
    /// Whether it is to be written down again that this lane is asked for; asked twice, it is so once.
    fn is_due(&self, lane: &str, now: Timestamp) -> bool {
        let mut by_lane = self.by_lane.lock().unwrap_or_else(PoisonError::into_inner);
        if by_lane.get(lane).is_some_and(|noted| now.since(*noted) < NOTED) {
            return false;
        }
        if by_lane.len() >= REMEMBERED {
            by_lane.clear();
        }
        by_lane.insert(lane.to_owned(), now);
        true
    }
}

impl Outside {
    /// Writes down that somebody asks for jobs of these queues, given by their lanes, if that was not done a moment ago. The
    /// jobs are theirs also if it fails.
    pub(super) async fn note(&self, owner: UserId, queues: impl Iterator<Item = (&str, &str)>) {
        let now = self.queue.clock.now();
        let mut due: Vec<&str> =
            queues.filter(|(lane, _)| self.asks.is_due(lane, now)).map(|(_, queue)| queue).collect();
        if due.is_empty() {
            return;
        }
        // In one order: two who write of the same queues would wait for each other otherwise.
        due.sort_unstable();
        if let Err(error) = self.queue.store.note_asks(owner, &due, now).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(
                user_id = owner.number(),
                error,
                "that a worker asks for jobs is not written down"
            );
        }
    }

    /// What is cleared away by the clock: queues that nobody has asked for in a long time.
    pub fn chore(&self) -> Arc<dyn Handler> {
        let queue = self.queue.clone();
        Chore::of("jobs.asks", "27 4 * * *", move || {
            let queue = queue.clone();
            let before = queue.clock.now().minus(Duration::from_hours(24 * KNOWN_DAYS));
            async move { Ok(queue.store.clear_asks(before).await?) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_written_down_once_in_a_while() {
        let asks = Asks::default();
        let at = |seconds: i64| Timestamp::from_millis(1_000_000 + seconds * 1_000);
        for (lane, seconds, wanted) in [
            ("a", 0, true),
            ("a", 0, false),
            ("b", 0, true),
            ("a", 14, false),
            ("a", 15, true),
            ("a", 29, false),
        ] {
            assert_eq!(asks.is_due(lane, at(seconds)), wanted, "{lane} at {seconds}");
        }
        for lane in 0..2 * REMEMBERED {
            asks.is_due(&lane.to_string(), at(30));
        }
        assert!(asks.by_lane.lock().unwrap().len() <= REMEMBERED);
    }
}
