//! How long jobs are kept that are over.

use std::time::Duration;

use types::{Result, Timestamp};

use crate::job::State;
use crate::queue::Queue;
use crate::store::Passed;

/// How many jobs are looked at in one go.
const PORTION: i64 = 500;
/// How often those are looked at again that were not to go yet.
const LAP: Duration = Duration::from_hours(24);

/// How long jobs are kept that are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Those that are done.
    pub done: Duration,
    /// Those that failed for good or were called off.
    pub others: Duration,
}

impl Kept {
    /// When nobody says: long enough to be looked into.
    pub const USUAL: Self =
        Self { done: Duration::from_hours(7 * 24), others: Duration::from_hours(30 * 24) };

    /// No job is gone that was put in after this.
    fn youngest(self, now: Timestamp) -> Timestamp {
        now.minus(self.done.min(self.others))
    }

    /// Whether a job is kept no longer.
    fn is_over(self, job: &Passed, now: Timestamp) -> bool {
        let kept = match job.state {
            State::Done => self.done,
            State::Dead | State::Cancelled => self.others,
            State::Queued | State::Scheduled | State::Running => return false,
        };
        job.finished_at.is_some_and(|at| at <= now.minus(kept))
    }
}

impl Queue {
    /// The same, but jobs that are over are kept for so long.
    #[must_use]
    pub fn keeping(self, kept: Kept) -> Self {
        Self { kept, ..self }
    }

    /// Clears away some of the jobs that are kept no longer; how many. It goes on where it stopped: what it left on its way
    /// is old and open, or ended late, and is looked at again with the next lap.
    pub async fn sweep(&self) -> Result<usize> {
        let now = self.clock.now();
        loop {
            let mut walk = self.store.walk().await?;
            if walk.begun_at <= now.minus(LAP) {
                (walk.after, walk.begun_at) = (0, now);
            }
            let youngest = self.kept.youngest(now);
            let mut passed = self.store.passed(walk.after, PORTION).await?;
            passed.retain(|job| job.created_at <= youngest);
            let Some(last) = passed.last() else { return Ok(0) };
            walk.after = last.id.number();
            let over: Vec<_> =
                passed.iter().filter(|job| self.kept.is_over(job, now)).map(|job| job.id).collect();
            let count = over.len();
            self.store.clear(over, youngest, walk).await?;
            if count > 0 {
                return Ok(count);
            }
            tokio::task::yield_now().await;
        }
    }
}
