//! Taking jobs, and handing them to their handlers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use api::stop::Stop;
use futures_util::FutureExt;
use stream::Listener;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};
use types::{Ids, JobId, Result};

use super::REST;
use super::ends::{End, Ended};
use super::shift::Shift;
use crate::job::{Priority, lane};
use crate::road::Arrival;
use crate::running::{Held, Running};
use crate::store::{Claim, Claimed};
use crate::{Handler, Kind};

/// Jobs of one claim: more in one transaction cost each of them no less.
const PORTION: usize = 500;
/// Jobs of one claim that are named: as many as one list may be long.
const NAMED: usize = 100;
/// How long a job may be under way by a broker before it is looked for in the table.
const UNDER_WAY: Duration = Duration::from_secs(2);
/// How long what another process put in the queue may wait to be noticed.
const LOOK: Duration = Duration::from_millis(200);
/// After a ring, a moment for more to come: a busy house rings with each commit.
const LINGER: Duration = Duration::from_millis(2);
/// How often to look all the same where there is no other process.
const LOOK_ALONE: Duration = Duration::from_secs(1);

impl Shift {
    /// How long to wait for a ring before looking all the same.
    pub(super) const fn look(&self) -> Duration {
        if self.queue.store.have_one_process() { LOOK_ALONE } else { LOOK }
    }

    /// Takes jobs until it is told to stop: never in the middle of taking some.
    pub(super) async fn claims(&self, stop: &Stop) {
        let mut listener = self.queue.due.listener();
        while !stop.is_set() {
            let taken = match self.round().await {
                Ok(taken) => taken,
                Err(error) => {
                    tracing::warn!(error = %error, "jobs could not be taken");
                    sleep(REST).await;
                    0
                }
            };
            tokio::select! {
                () = self.next(&mut listener, taken) => {}
                () = stop.wait() => {}
            }
        }
    }

    /// Takes jobs that came by a broker, until it is told to stop.
    pub(super) async fn receive(&self, stop: &Stop) {
        while !stop.is_set() {
            let arrival = tokio::select! {
                arrival = self.queue.road.next() => arrival,
                () = stop.wait() => None,
            };
            let Some(Arrival { lane, priority, ids }) = arrival else { return };
            let mut ids = &ids[..];
            while let Some((now, later)) = self.admit(ids).await {
                match self.take(&lane, priority, (now.len(), now)).await {
                    Ok(taken) => self.queue.road.counts(taken),
                    Err(error) => {
                        tracing::warn!(error = %error, "jobs that came could not be taken, and are found in the table");
                    }
                }
                ids = later;
            }
        }
    }

    /// As many of these as there is room for, and the others; nothing when there are none.
    async fn admit<'i>(&self, ids: &'i [JobId]) -> Option<(&'i [JobId], &'i [JobId])> {
        if ids.is_empty() {
            return None;
        }
        drop(self.room.acquire().await);
        Some(ids.split_at(self.room.available_permits().clamp(1, ids.len().min(NAMED))))
    }

    /// Until there may be something to take, and room for it.
    async fn next(&self, listener: &mut Listener, taken: usize) {
        if taken == 0 {
            listener.wait(self.look()).await;
            sleep(LINGER).await;
        }
        let room = self.room.acquire().await;
        drop(room);
        // Whatever becomes free in the next moment is taken with it.
        tokio::task::yield_now().await;
    }

    /// Takes what there is room for, a fair share of each lane; how many.
    async fn round(&self) -> Result<usize> {
        let waiting = self.queue.store.waiting(self.crew.rows(), self.left_behind()).await?;
        let mut taken = 0;
        for (at, (lane, priority)) in waiting.iter().enumerate() {
            let share = self.room.available_permits().div_ceil(waiting.len() - at).min(PORTION);
            if share == 0 {
                break;
            }
            taken += self.take(lane, *priority, (share, &[])).await?;
        }
        Ok(taken)
    }

    /// Takes some of a lane, and begins with them.
    async fn take(&self, name: &str, priority: Priority, (share, named): (usize, &[JobId])) -> Result<usize> {
        let Some((kind, handler)) = self.crew.of(name) else { return Ok(0) };
        let permits = u32::try_from(share).unwrap_or(u32::MAX);
        let Ok(mut permits) = self.room.clone().try_acquire_many_owned(permits) else { return Ok(0) };
        let claim = Claim {
            number: self.queue.ids.next::<Claim<'_>>()?.number(),
            worker: self.id,
            lane: name,
            priority,
            most: share,
            named,
            before: if named.is_empty() { self.left_behind() } else { None },
            until: None,
            is_limited: kind.most.is_some(),
            at: self.queue.clock.now(),
        };
        let jobs = self.queue.store.claim(claim).await?;
        let count = jobs.len();
        for job in jobs {
            let Some(permit) = permits.split(1) else { break };
            self.start(held(&job, claim), job, (*kind, handler.clone()), permit);
        }
        Ok(count)
    }

    /// Where jobs come by a broker, the table is for those that did not: the first id that may still be under way.
    fn left_behind(&self) -> Option<JobId> {
        let lately = self.queue.clock.now().minus(UNDER_WAY);
        self.queue.road.is_used().then(|| Ids::first_of(lately))
    }

    fn start(
        &self,
        held: Held,
        job: Claimed,
        (kind, handler): (Kind, Arc<dyn Handler>),
        permit: OwnedSemaphorePermit,
    ) {
        let leave = self.enter(held.id);
        let (store, clock) = (self.queue.store.clone(), self.queue.clock.clone());
        let running = Running::new(held, (job.payload, job.run_at, job.created_at), store, clock);
        let shift = self.clone();
        tokio::spawn(async move {
            let work = AssertUnwindSafe(timeout(kind.patience, handler.run(&running))).catch_unwind();
            let end = tokio::select! {
                came = work => End::of(came),
                Ok(why) = leave => End::Left(why),
            };
            shift.left(running.id());
            // Nobody writes it down any more when the shift is over: then the job is another's.
            let _ = shift.ended.send((Ended { running, kind, end }, permit)).await;
        });
    }
}

fn held(job: &Claimed, claim: Claim<'_>) -> Held {
    Held {
        id: job.id,
        claim: claim.number,
        lane: lane(&job.kind, None, None),
        priority: claim.priority,
        owner: job.owner,
        key: job.key.clone(),
        attempt: job.attempt,
        attempts: job.attempts,
        started_at: claim.at,
    }
}
