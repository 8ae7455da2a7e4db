//! Waking what waits for its time.

use std::time::Duration;

use tokio::time::sleep;
use types::{Result, Timestamp};

use super::REST;
use super::shift::Shift;

/// How long it may be that nobody looks: clocks are set, and other processes write.
const ROUND: Duration = Duration::from_secs(1);
/// What is due sooner is waited for together.
const GATHER: Duration = Duration::from_millis(10);

/// What processes ring for each other when there is something to do.
const PUT: &str = "jobs_put";

impl Shift {
    /// Has other processes hear of what is put in here, and hears of theirs, for as long as it is polled.
    pub(super) async fn carry(&self) {
        match &self.queue.afar {
            Some(afar) => afar.carry(PUT, &self.queue.put, &self.queue.due).await,
            None => std::future::pending().await,
        }
    }

    /// Wakes jobs whose time has come for as long as it is polled.
    pub(super) async fn promote(&self) {
        let mut listener = self.queue.due.listener();
        loop {
            match self.wake().await {
                Ok(wait) => {
                    listener.wait(wait).await;
                    // A busy house rings with each commit, and most of what is put in need not be woken.
                    sleep(GATHER).await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "jobs that are due could not be woken");
                    sleep(REST).await;
                }
            }
        }
    }

    /// Puts in what is due by the clock for as long as it is polled.
    pub(super) async fn watch_the_clock(&self) {
        loop {
            let wait = match self.strike().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(error = %error, "what is due by the clock could not be put in the queue");
                    REST
                }
            };
            sleep(wait).await;
        }
    }

    async fn strike(&self) -> Result<Duration> {
        if self.queue.strike().await? > 0 {
            self.queue.put.ring();
        }
        Ok(self.until(self.queue.next_strike().await?))
    }

    /// How long until then, but never long.
    fn until(&self, then: Option<Timestamp>) -> Duration {
        let wait = then.map_or(ROUND, |then| then.since(self.queue.clock.now()));
        wait.clamp(GATHER, ROUND)
    }

    /// Puts what is due in the queue; how long nothing is.
    async fn wake(&self) -> Result<Duration> {
        while self.queue.store.promote(self.queue.clock.now()).await? > 0 {
            self.queue.put.ring();
        }
        Ok(self.until(self.queue.store.next_due().await?))
    }
}
