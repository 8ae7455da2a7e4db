//! What workers outside can do, each with the jobs of its owner.

use std::sync::Arc;
use std::time::Duration;

use api::stop::{Stop, Trigger};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::{Caller, Error, JobId, Result, Text, Timestamp};

use super::asks::Asks;
use super::ticket::Ticket;
use crate::backoff::Backoff;
use crate::door::External;
use crate::door::texts::NOT_FOUND;
use crate::job::{Job, Priority, State, lane};
use crate::kind::Kind;
use crate::queue::Queue;
use crate::store::{self, Claim, Claimed, Failure, Fate, Lent};

/// Jobs that nobody in the house does.
pub const KIND: Kind = Kind::new(External::NAME).tried(Backoff {
    attempts: 10,
    base: Duration::from_secs(5),
    cap: Duration::from_mins(10),
});

const NOT_HELD: Text = Text {
    code: "claim_lost",
    en: "The claim does not hold any more: the job was taken over, or it is over",
    uk: "Право на завдання втрачено: його вже передано іншому або завершено",
    ru: "Право на задание утрачено: оно уже передано другому или завершено",
};

/// Which jobs a worker wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of which of its owner's queues; those that stand first go first.
    pub queues: Vec<String>,
    /// How many at the most.
    pub most: usize,
    /// How long it will be heard of at the latest.
    pub lease: Duration,
}

/// A job that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which one.
    pub job: Claimed,
    /// Of which queue.
    pub queue: String,
    /// What it is answered with.
    pub ticket: Ticket,
    /// Until when it is the worker's.
    pub until: Timestamp,
}

/// How a job failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Why.
    pub error: String,
    /// Whether it may do better another time.
    pub may_pass: bool,
    /// Not before this long.
    pub after: Duration,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    pub(super) queue: Queue,
    pub(super) asks: Asks,
    /// Places for workers that wait.
    places: Arc<Semaphore>,
    pub(super) stop: Stop,
    trigger: Trigger,
}

impl Outside {
    /// Over this queue; so many workers may wait at once.
    pub fn new(queue: Queue, waiting: usize) -> Self {
        let (stop, trigger) = Stop::manual();
        let places = Arc::new(Semaphore::new(waiting.min(Semaphore::MAX_PERMITS)));
        Self { queue, asks: Asks::default(), places, stop, trigger }
    }

    /// Sends those away who wait when the house stops.
    pub async fn until(self, stop: Stop) {
        stop.wait().await;
        self.trigger.pull();
    }

    /// A place for one more that waits.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Takes jobs; those that go first before the others.
    pub async fn claim(&self, caller: &Caller, wanted: &Wanted) -> Result<Vec<Taken>> {
        let rows: Vec<(String, Priority)> = Priority::ALL
            .into_iter()
            .flat_map(|priority| wanted.queues.iter().map(move |queue| (queue, priority)))
            .map(|(queue, priority)| (self::lane(KIND.name, Some(caller.user), Some(queue)), priority))
            .collect();
        // Before any is taken: whoever leaves meanwhile has lost none.
        let lanes = rows.iter().map(|(lane, _)| lane.as_str());
        self.note(caller.user, lanes.zip(wanted.queues.iter().map(String::as_str))).await;
        let waiting = self.queue.store.waiting(&rows, None).await?;
        let mut taken = Vec::new();
        for ((lane, priority), queue) in rows.iter().zip(wanted.queues.iter().cycle()) {
            if taken.len() >= wanted.most {
                break;
            }
            if !waiting.iter().any(|row| row.0 == *lane && row.1 == *priority) {
                continue;
            }
            let most = wanted.most - taken.len();
            match self.take(lane, *priority, (most, wanted.lease)).await {
                Ok((ticket, until, jobs)) => taken.extend(jobs.into_iter().map(|job| {
                    let ticket = Ticket { attempt: job.attempt, ..ticket };
                    Taken { job, queue: queue.clone(), ticket, until }
                })),
                // What was taken already is the worker's, and it has to hear of it.
                Err(error) if !taken.is_empty() => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "no more jobs could be taken");
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    async fn take(
        &self,
        lane: &str,
        priority: Priority,
        (most, lease): (usize, Duration),
    ) -> Result<(Ticket, Timestamp, Vec<Claimed>)> {
        let at = self.queue.clock.now();
        let until = at.plus(lease);
        let claim = Claim {
            number: self.queue.ids.next::<Claim<'_>>()?.number(),
            worker: 0,
            lane,
            priority,
            most,
            named: &[],
            before: None,
            until: Some(until),
            is_limited: false,
            at,
        };
        let jobs = self.queue.store.claim(claim).await?;
        Ok((Ticket { claim: claim.number, attempt: 0 }, until, jobs))
    }

    /// Keeps a job for longer; until when, and whether it was called off.
    pub async fn beat(
        &self,
        caller: &Caller,
        id: JobId,
        ticket: Ticket,
        (lease, progress): (Duration, Option<&str>),
    ) -> Result<(Timestamp, bool)> {
        let Some(Lent { held, is_called_off }) = self.lent(caller, id, ticket).await? else {
            return Err(self.late(caller, id).await);
        };
        let until = self.queue.clock.now().plus(lease);
        if self.queue.store.lend_on(&held, until, progress).await? {
            Ok((until, is_called_off))
        } else {
            Err(self.late(caller, id).await)
        }
    }

    /// A job is done, and this came of it, as JSON.
    pub async fn complete(&self, caller: &Caller, id: JobId, ticket: Ticket, result: &str) -> Result<Job> {
        if let Some(Lent { held, .. }) = self.lent(caller, id, ticket).await? {
            // When it is refused, somebody else was quicker: perhaps this worker, with the same answer.
            self.queue.store.finish(store::done_with(&held, result, self.queue.clock.now())).await?;
        }
        let job = self.seen(caller, id).await?;
        let was_so = job.state == State::Done && job.attempt == ticket.attempt;
        if was_so && job.result.as_deref() == Some(result) { Ok(job) } else { Err(Error::Conflict(NOT_HELD)) }
    }

    /// A job failed.
    pub async fn fail(&self, caller: &Caller, id: JobId, ticket: Ticket, why: &Failing) -> Result<Job> {
        if let Some(Lent { held, .. }) = self.lent(caller, id, ticket).await? {
            let at = self.queue.clock.now();
            let again = || held.goes_on(&KIND.backoff, why.after, at);
            let fate = if why.may_pass { again() } else { Fate::Over(State::Dead) };
            let error = Some(why.error.as_str());
            let failure = Failure { outcome: "failed", error, fate, at, overdue: None };
            if self.queue.store.fail(&held, failure).await? {
                return self.seen(caller, id).await;
            }
        }
        let job = self.seen(caller, id).await?;
        let attempts = self.queue.attempts(id).await?;
        let was_so = attempts.iter().any(|attempt| {
            let said = (attempt.outcome.as_str(), attempt.error.as_deref());
            attempt.attempt == ticket.attempt && said == ("failed", Some(why.error.as_str()))
        });
        if was_so { Ok(job) } else { Err(Error::Conflict(NOT_HELD)) }
    }

    async fn lent(&self, caller: &Caller, id: JobId, ticket: Ticket) -> Result<Option<Lent>> {
        let lent = self.queue.store.lent(caller.user, id, ticket.claim).await?;
        Ok(lent.filter(|lent| lent.held.attempt == ticket.attempt))
    }

    async fn late(&self, caller: &Caller, id: JobId) -> Error {
        self.seen(caller, id).await.map_or_else(|error| error, |_| Error::Conflict(NOT_HELD))
    }

    async fn seen(&self, caller: &Caller, id: JobId) -> Result<Job> {
        let job = self.queue.find(Some(caller.user), id).await?;
        job.filter(|job| job.draft.kind == KIND.name).ok_or(Error::NotFound(NOT_FOUND))
    }
}
