//! Taking over from the dead.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use types::{Result, Timestamp};

use super::shift::Shift;
use crate::job::State;
use crate::running::Held;
use crate::store::{Failure, Fate};

/// How often to look for the dead.
const ROUND: Duration = Duration::from_secs(1);
/// How long after the end of a lease its worker is dead, for clocks that do not quite agree.
const MARGIN: Duration = Duration::from_secs(2);
/// Jobs that are taken over at once.
const PORTION: i64 = 64;

impl Shift {
    /// Takes over from the dead for as long as it is polled.
    pub(super) async fn reap(&self) {
        let mut first = true;
        loop {
            match self.take_over(first).await {
                Ok(()) => first = false,
                Err(error) => tracing::warn!(error = %error, "jobs of dead workers could not be taken over"),
            }
            sleep(ROUND).await;
        }
    }

    async fn take_over(&self, first: bool) -> Result<()> {
        let now = self.queue.clock.now();
        match (self.queue.store.have_one_process(), first) {
            (false, _) => self.queue.store.bury(now.minus(MARGIN)).await?,
            // Where one process works alone, all others are of an earlier life.
            (true, true) => self.queue.store.bury_others(self.id).await?,
            (true, false) => {}
        }
        while self.put_back(self.queue.store.orphans(PORTION).await?, None).await? {}
        while self.put_back(self.queue.store.overdue(now, PORTION).await?, Some(now)).await? {}
        Ok(())
    }

    /// Puts jobs back that were lost; whether there may be more.
    async fn put_back(&self, lost: Vec<Held>, overdue: Option<Timestamp>) -> Result<bool> {
        if lost.is_empty() {
            return Ok(false);
        }
        let at = self.queue.clock.now();
        let writes = lost.iter().map(|held| {
            let fate = if held.is_last() { Fate::Over(State::Dead) } else { Fate::Again(None) };
            let error = Some("whoever had it was not heard of any more");
            self.queue.store.fail(held, Failure { outcome: "lost", error, fate, at, overdue })
        });
        let written: db::Result<Vec<bool>> = join_all(writes).await.into_iter().collect();
        let taken = written?.into_iter().filter(|written| *written).count();
        if taken > 0 {
            tracing::info!(jobs = taken, "jobs were taken over");
            self.queue.put.ring();
        }
        // Whoever was heard of just now keeps its job, and must not be looked at over and over.
        Ok(taken > 0)
    }
}
