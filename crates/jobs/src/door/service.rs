//! What people can do with jobs of their own.

mod many;

use std::sync::Arc;

use api::idempotency::{Key, Made, Once, once};
use async_trait::async_trait;
use db::Along;
use types::{Caller, Clock, Error, JobId, Result, UserId};

use super::kinds::{Kinds, UserKind};
use super::texts;
use super::wanted::Wanted;
use crate::queue::Putting;
use crate::store::Filter;
use crate::{Attempt, Draft, Job, State};

/// How often something is tried that a worker or another request was in the way of.
const TRIES: usize = 5;

/// Where jobs are kept. What goes `along` is committed together or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait JobStore: Send + Sync {
    /// So many ids, which follow one another.
    fn ids(&self, count: usize) -> Result<Vec<JobId>>;
    /// Jobs under these ids, to go along.
    fn put(&self, jobs: Vec<(JobId, Draft)>) -> Putting;
    /// Writes what goes along.
    async fn write(&self, along: Along) -> Result<()>;
    /// What the owner made with this key.
    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>>;
    /// The owner's job.
    async fn find(&self, owner: UserId, id: JobId) -> Result<Option<Job>>;
    /// Those of the owner's jobs, a hundred at the most, without what they are about.
    async fn find_all(&self, owner: UserId, ids: &[JobId]) -> Result<Vec<Job>>;
    /// The owner's jobs, newest first, without what they are about.
    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Job>>;
    /// A job's attempts that came to nothing, in order.
    async fn attempts(&self, id: JobId) -> Result<Vec<Attempt>>;
    /// The open job of a lane that has this key.
    async fn by_key(&self, lane: &str, key: &str) -> Result<Option<JobId>>;
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
    pub fn new(store: Arc<dyn JobStore>, kinds: Vec<Arc<dyn UserKind>>, clock: Arc<dyn Clock>) -> Self {
        Self { store, kinds: Kinds::new(kinds), clock }
    }

    /// What there is to be done.
    pub const fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Puts a job in the queue, once for each key. Without one, each time.
    pub async fn create(&self, caller: &Caller, wanted: Wanted, key: Option<&Key>) -> Result<Once<Put>> {
        let draft = wanted.checked(&self.kinds, caller.user, self.clock.now())?;
        let Some(key) = key else { return self.make(caller.user, &draft, None).await.map(Once::Now) };
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make(caller.user, &draft, Some(key)),
            |made| self.made_before(caller.user, &draft, made),
        )
        .await
    }

    async fn make(&self, owner: UserId, draft: &Draft, key: Option<&Key>) -> Result<Put> {
        for _ in 0..TRIES {
            if let Some(open) = self.open(owner, draft).await? {
                return Ok(Put::Open(open));
            }
            let Some(id) = self.store.ids(1)?.pop() else { break };
            let putting = self.store.put(vec![(id, draft.clone())]);
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
        match self.store.by_key(&draft.lane(), key).await? {
            Some(id) => self.store.find(owner, id).await,
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
        let attempts = self.store.attempts(id).await?;
        Ok((job, attempts))
    }

    /// The caller's jobs, newest first, without what they are about.
    pub async fn list(&self, caller: &Caller, filter: &Filter) -> Result<Vec<Job>> {
        self.store.list(caller.user, filter).await
    }

    /// Calls a job off. One that was called off already stays so.
    pub async fn cancel(&self, caller: &Caller, id: JobId) -> Result<Job> {
        let job = self.find(caller, id).await?;
        if job.state != State::Cancelled && !self.store.cancel(caller.user, id).await? {
            let job = self.find(caller, id).await?;
            return if job.state == State::Cancelled { Ok(job) } else { Err(Error::Conflict(texts::OVER)) };
        }
        self.find(caller, id).await
    }

    /// Has a job tried again that is dead or was called off: as often as is left of its attempts, and once at least.
    pub async fn retry(&self, caller: &Caller, id: JobId) -> Result<Job> {
        for _ in 0..TRIES {
            let job = self.find(caller, id).await?;
            if !matches!(job.state, State::Dead | State::Cancelled) {
                return Err(Error::Conflict(texts::NOT_OVER));
            }
            if self.store.retry(&job, left(&job)).await? {
                return self.find(caller, id).await;
            }
            if self.open(caller.user, &job.draft).await?.is_some_and(|open| open.id != id) {
                return Err(Error::Conflict(texts::KEY_TAKEN));
            }
        }
        Err(Error::Stale)
    }
}

/// How often a job may be tried once it is tried again by hand.
fn left(job: &Job) -> u32 {
    let tried = u32::try_from(job.attempt).unwrap_or(u32::MAX);
    job.draft.attempts.saturating_sub(tried).max(1)
}
