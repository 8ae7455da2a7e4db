//! Keeping the lease, and hearing what was called off.

use std::time::Duration;

use super::shift::{Leave, Shift};

/// How long a worker counts as alive that is not heard of.
const LEASE: Duration = Duration::from_secs(8);
/// The same where nobody else looks: an idle house lets its disk sleep.
const LEASE_ALONE: Duration = Duration::from_hours(2);
/// How often it lets hear of itself.
const RENEWAL: Duration = Duration::from_secs(2);

/// How long a worker counts as alive that is not heard of.
pub const fn lease(have_one_process: bool) -> Duration {
    if have_one_process { LEASE_ALONE } else { LEASE }
}

impl Shift {
    /// Keeps the lease; ends when it is lost.
    pub(super) async fn keep(&self) {
        let mut listener = self.queue.off.listener();
        let lease = lease(self.queue.store.have_one_process());
        let mut until = self.queue.clock.now().plus(lease);
        let mut told = None;
        loop {
            listener.wait(RENEWAL).await;
            let (asked, busy) = (self.queue.clock.now(), self.busy());
            let is_needed = told != Some(busy) || until.since(asked) < lease.mul_f32(0.9);
            let renewed = if is_needed {
                self.queue.store.renew(self.id, asked.plus(lease), busy).await.map(Some)
            } else {
                Ok(None)
            };
            match renewed {
                Ok(None) => {}
                Ok(Some(true)) => (until, told) = (asked.plus(lease), Some(busy)),
                Ok(Some(false)) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "the lease of this worker could not be renewed");
                    if self.queue.clock.now() >= until {
                        return;
                    }
                    continue;
                }
            }
            match self.queue.store.called_off(self.id).await {
                Ok(jobs) => jobs.into_iter().for_each(|job| self.send_away(job, Leave::CalledOff)),
                Err(error) => {
                    tracing::warn!(error = %error, "it could not be seen which jobs were called off");
                }
            }
        }
    }
}
