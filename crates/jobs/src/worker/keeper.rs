//! Keeping the lease, and hearing what was called off.

use std::time::Duration;

use super::shift::{Leave, Shift};

/// How long a worker counts as alive that is not heard of.
pub const LEASE: Duration = Duration::from_secs(8);
/// How often it lets hear of itself.
const RENEWAL: Duration = Duration::from_secs(2);

impl Shift {
    /// Keeps the lease; ends when it is lost.
    pub(super) async fn keep(&self) {
        let mut listener = self.queue.off.listener();
        let mut until = self.queue.clock.now().plus(LEASE);
        loop {
            listener.wait(RENEWAL).await;
            let asked = self.queue.clock.now();
            match self.queue.store.renew(self.id, asked.plus(LEASE), self.busy()).await {
                Ok(true) => until = asked.plus(LEASE),
                Ok(false) => return,
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
