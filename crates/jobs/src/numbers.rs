//! How the queue is doing, for operators. All of it is bounded, however much is in it.

use std::time::Duration;

use types::Result;

use crate::job::State;
use crate::queue::Queue;

/// How long ago a job may have failed for good that is counted.
const RECENTLY: Duration = Duration::from_hours(24);

impl Queue {
    /// How many jobs there are in this state, counted up to ten thousand. Of those that are over, the ones of the last day
    /// among the newest ten thousand jobs.
    pub async fn count(&self, state: State) -> Result<i64> {
        Ok(match state {
            State::Queued => self.store.count_queued().await?,
            State::Scheduled => self.store.count_scheduled().await?,
            State::Running => self.store.count_running().await?,
            State::Done | State::Dead | State::Cancelled => {
                self.store.count_over(state, self.clock.now().minus(RECENTLY)).await?
            }
        })
    }

    /// How long the job has been due that waits longest of those that this house does itself.
    pub async fn longest_wait(&self) -> Result<Duration> {
        let due = self.store.longest_due().await?;
        Ok(due.map_or(Duration::ZERO, |due| self.clock.now().since(due)))
    }

    /// How many processes are signed in to work.
    pub async fn workers(&self) -> Result<i64> {
        Ok(self.store.count_workers().await?)
    }
}
