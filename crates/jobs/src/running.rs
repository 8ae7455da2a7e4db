//! A job at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db::{Along, Companion, Step};
use serde::de::DeserializeOwned;
use types::{Clock, Error, JobId, Result, Timestamp, UserId};

use crate::Backoff;
use crate::backoff::dice;
use crate::job::{Priority, State};
use crate::store::{self, Fate, SqlJobs};

/// Who holds a job, and since when: what its endings begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub id: JobId,
    /// By which claim.
    pub claim: i64,
    /// Where it waited.
    pub lane: String,
    /// Who goes first.
    pub priority: Priority,
    /// Whose.
    pub owner: Option<UserId>,
    /// Its key.
    pub key: Option<String>,
    /// Which attempt this is.
    pub attempt: i64,
    /// How often it may be tried.
    pub attempts: i64,
    /// Since when.
    pub started_at: Timestamp,
}

impl Held {
    /// Whether it is tried no more after this attempt.
    pub const fn is_last(&self) -> bool {
        self.attempt >= self.attempts
    }

    /// How it goes on that this attempt came to nothing: after a rest, and not before so long, unless it was the last.
    pub fn goes_on(&self, backoff: &Backoff, least: Duration, at: Timestamp) -> Fate {
        if self.is_last() {
            return Fate::Over(State::Dead);
        }
        let attempt = u32::try_from(self.attempt).unwrap_or(u32::MAX);
        let rest = backoff.rest(attempt, dice(self.id.number(), attempt));
        Fate::Again(Some(at.plus(rest.max(least))))
    }
}

/// A job in the hands of its handler.
pub struct Running {
    pub(crate) held: Held,
    payload: String,
    run_at: Timestamp,
    created_at: Timestamp,
    acknowledged: Arc<AtomicBool>,
    pub(crate) store: SqlJobs,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Running {
    pub(crate) fn new(
        held: Held,
        (payload, run_at, created_at): (String, Timestamp, Timestamp),
        store: SqlJobs,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { held, payload, run_at, created_at, acknowledged: Arc::default(), store, clock }
    }

    /// Which one.
    pub const fn id(&self) -> JobId {
        self.held.id
    }

    /// Whose; the house's own have no owner.
    pub const fn owner(&self) -> Option<UserId> {
        self.held.owner
    }

    /// Which attempt this is, from 1.
    pub const fn attempt(&self) -> i64 {
        self.held.attempt
    }

    /// When it was due: of what the clock put in, which time it stands for.
    pub const fn run_at(&self) -> Timestamp {
        self.run_at
    }

    /// When it was put in the queue.
    pub const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// What it is about, as it was written.
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// What it is about, as a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload)
            .map_err(|e| Error::internal_by(format!("the payload of job {} cannot be read", self.held.id), e))
    }

    /// That it is done, for the write that is its effect: the two are one commit, and the effect happens once. When somebody
    /// else holds the job by now, the write is refused as stale.
    pub fn acknowledge(&self) -> Along {
        self.done(None)
    }

    /// The same, and what came of it, as JSON.
    pub fn acknowledge_with(&self, result: impl Into<String>) -> Along {
        self.done(Some(result.into()))
    }

    fn done(&self, result: Option<String>) -> Along {
        let (held, acknowledged) = (self.held.clone(), self.acknowledged.clone());
        Along::none().with(Done { held, result, at: self.clock.now(), acknowledged })
    }

    /// How far it has come, as JSON, for whoever asks; false when somebody else holds the job by now.
    pub async fn progress(&self, progress: &str) -> Result<bool> {
        Ok(self.store.progress(&self.held, progress).await?)
    }

    /// Whether its effect has been committed.
    pub(crate) fn is_acknowledged(&self) -> bool {
        self.acknowledged.load(Ordering::Acquire)
    }
}

/// That a job is done, on its way into a transaction.
#[derive(Debug)]
struct Done {
    held: Held,
    result: Option<String>,
    at: Timestamp,
    acknowledged: Arc<AtomicBool>,
}

impl Companion for Done {
    fn steps(&self) -> Vec<Step> {
        match &self.result {
            None => store::done(self.held.claim, &[&self.held], self.at),
            Some(result) => store::done_with(&self.held, result, self.at),
        }
    }

    fn committed(&self) {
        self.acknowledged.store(true, Ordering::Release);
    }
}
