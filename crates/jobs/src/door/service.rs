//! What people can do with jobs of their own.

mod again;
mod glance;
mod many;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use api::idempotency::{Key, Made, Once, once};
use async_trait::async_trait;
use db::Along;
use types::{Caller, Clock, Error, JobId, Result, UserId};

use super::explain::{self, Reason};
use super::kinds::{Kinds, UserKind};
use super::texts;
use super::wanted::Wanted;
use crate::queue::Putting;
use crate::store::{Around, Counts, Filter};
use crate::{Attempt, Draft, Job, State};

pub use again::Again;
pub use glance::Glance;
pub use many::Each;

/// How often something is tried that a worker or another request was in the way of.
const TRIES: usize = 5;
/// Jobs read at once.
const AT_ONCE: usize = 100;

/// Where jobs are kept. What goes `along` is committed together or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait JobStore: Send + Sync {
    /// So many ids, which follow one another.
    fn ids(&self, count: usize) -> Result<Vec<JobId>>;
    /// Jobs under these ids, to go along.
    fn put(&self, jobs: Vec<(JobId, Draft)>) -> Result<Putting>;
    /// Writes what goes along.
    async fn write(&self, along: Along) -> Result<()>;
    /// What the owner made with this key.
    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>>;
    /// The owner's job.
    async fn find(&self, owner: UserId, id: JobId) -> Result<Option<Job>>;
    /// Those of the owner's jobs, a hundred at the most, without what they are about and what came of them.
    async fn find_all(&self, owner: UserId, ids: &[JobId]) -> Result<Vec<Job>>;
    /// The owner's jobs, newest first, without what they are about and what came of them.
    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Job>>;
    /// How many of the owner's jobs of these kinds are in each of these states; each kind is counted up to `most`.
    async fn count(&self, owner: UserId, kinds: &[String], states: &[State], most: i64) -> Result<Counts>;
    /// A job's attempts that came to nothing, in order.
    async fn attempts(&self, id: JobId) -> Result<Vec<Attempt>>;
    /// The open jobs of a lane that have these keys, a hundred at the most.
    async fn by_keys(&self, lane: &str, keys: &[String]) -> Result<Vec<(String, JobId)>>;
    /// What is around a job, as far as it matters where that stands.
    async fn around(&self, job: &Job) -> Result<Around>;
    /// Calls a job off; false when it is over.
    async fn cancel(&self, owner: UserId, id: JobId) -> Result<bool>;
    /// Has a job tried anew that is over, so often; false when it is not, or another open one has its key.
    async fn retry(&self, job: &Job, attempts: u32) -> Result<bool>;
}

/// What came of asking for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It was put in the queue.
    New(Job),
    /// This open one has its key.
    Open(Job),
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    store: Arc<dyn JobStore>,
    kinds: Kinds,
    clock: Arc<dyn Clock>,
}

impl Jobs {
    /// Over this store, for these kinds.
    pub fn new(store: Arc<dyn JobStore>, kinds: Kinds, clock: Arc<dyn Clock>) -> Self {
        Self { store, kinds, clock }
    }

    /// What there is to be done.
    pub const fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Puts a job in the queue, once for each key. Without one, each time.
    pub async fn create(&self, caller: &Caller, wanted: Wanted, key: Option<&Key>) -> Result<Once<Put>> {
        let Some(key) = key else { return self.create_anew(caller, wanted).await.map(Once::Now) };
        let draft = wanted.checked(&self.kinds, caller.user, self.clock.now())?;
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make(caller.user, &draft, Some(key)),
            |made| self.made_before(caller.user, &draft, made),
        )
        .await
    }

    /// Puts a job in the queue.
    pub async fn create_anew(&self, caller: &Caller, wanted: Wanted) -> Result<Put> {
        let draft = wanted.checked(&self.kinds, caller.user, self.clock.now())?;
        self.make(caller.user, &draft, None).await
    }

    async fn make(&self, owner: UserId, draft: &Draft, key: Option<&Key>) -> Result<Put> {
        for _ in 0..TRIES {
            if let Some(open) = self.open(owner, draft).await? {
                return Ok(Put::Open(open));
            }
            let Some(id) = self.store.ids(1)?.pop() else { break };
            let putting = self.store.put(vec![(id, draft.clone())])?;
            let job = Job::new(id, draft.clone(), putting.at());
            let mut along = Along::none();
            if let Some(key) = key {
                along = along.with(key.kept(owner, id.number(), 1, putting.at()));
            }
            self.store.write(along.with(putting)).await?;
            // One whose key another got first is not there.
            if draft.key.is_none() || self.store.find(owner, id).await?.is_some() {
                return Ok(Put::New(job));
            }
        }
        Err(Error::Stale)
    }

    /// The open job that has the key of this draft.
    async fn open(&self, owner: UserId, draft: &Draft) -> Result<Option<Job>> {
        let Some(key) = &draft.key else { return Ok(None) };
        let open = self.store.by_keys(&draft.lane(), std::slice::from_ref(key)).await?;
        match open.first() {
            Some((_, id)) => self.store.find(owner, *id).await,
            None => Ok(None),
        }
    }

    async fn made_before(&self, owner: UserId, draft: &Draft, made: Made) -> Result<Option<Put>> {
        if let Some(job) = self.store.find(owner, JobId::trusted(made.first_id)).await? {
            return Ok(Some(Put::New(job)));
        }
        Ok(self.open(owner, draft).await?.map(Put::Open))
    }

    /// One of the caller's jobs.
    pub async fn find(&self, caller: &Caller, id: JobId) -> Result<Job> {
        let job = self.store.find(caller.user, id).await?;
        // What the house does for somebody is not theirs to see.
        let job = job.filter(|job| self.kinds.named(&job.draft.kind).is_some());
        job.ok_or(Error::NotFound(texts::NOT_FOUND))
    }

    /// One of the caller's jobs, and its attempts that came to nothing.
    pub async fn told(&self, caller: &Caller, id: JobId) -> Result<(Job, Vec<Attempt>)> {
        let job = self.find(caller, id).await?;
        let attempts = if job.attempt > 0 { self.store.attempts(id).await? } else { Vec::new() };
        Ok((job, attempts))
    }

    /// The caller's jobs, newest first, without what they are about and what came of them.
    pub async fn list(&self, caller: &Caller, filter: &Filter) -> Result<Vec<Job>> {
        self.store.list(caller.user, filter).await
    }

    /// Why a job stands where it does.
    pub async fn explain(&self, caller: &Caller, id: JobId) -> Result<(Job, Vec<Reason>)> {
        let job = self.find(caller, id).await?;
        let around = self.store.around(&job).await?;
        let is_outside = self.kinds.named(&job.draft.kind).is_some_and(UserKind::has_queues);
        let reasons = explain::reasons(&job, &around, is_outside, self.clock.now());
        Ok((job, reasons))
    }

    /// Calls a job off. One that was called off already stays so.
    pub async fn cancel(&self, caller: &Caller, id: JobId) -> Result<Job> {
        let job = self.find(caller, id).await?;
        if job.state == State::Cancelled {
            return Ok(job);
        }
        let called_off = self.store.cancel(caller.user, id).await?;
        let job = self.find(caller, id).await?;
        if called_off || job.state == State::Cancelled { Ok(job) } else { Err(Error::Conflict(texts::OVER)) }
    }
}
