//! The queue of one database: putting jobs into it.

use std::sync::Arc;

use cache::Cache;
use db::{Along, Companion, Db, Step};
use stream::{Afar, Bell, Consumer, Teller, Telling};
use types::{Clock, Error, Ids, JobId, Result, Timestamp, UserId};

use crate::Kept;
use crate::job::{Attempt, Draft, Job, State};
use crate::leavers::leavers;
use crate::road::{Porter, Road};
use crate::store::{self, Filter, Seen, SqlJobs};

/// How often something is tried that a worker was in the way of.
const TRIES: usize = 5;

/// The jobs of one database. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    pub(crate) store: SqlJobs,
    pub(crate) ids: Ids,
    pub(crate) clock: Arc<dyn Clock>,
    /// Rung when there is something to do, by what was done here.
    pub(crate) put: Bell,
    /// Rung when there is something to do, wherever that was done.
    pub(crate) due: Bell,
    /// By which other processes hear of it at once.
    pub(crate) afar: Option<Afar>,
    /// The way that jobs take to their workers beside the table.
    pub(crate) road: Road,
    /// Rung when a job was called off.
    pub(crate) off: Bell,
    /// How long jobs are kept that are over.
    pub(crate) kept: Kept,
}

impl Queue {
    /// The jobs in this database.
    pub fn new(db: Db, ids: Ids, clock: Arc<dyn Clock>) -> Self {
        let (put, off) = (Bell::default(), Bell::default());
        let store = SqlJobs::new(db);
        Self {
            store,
            ids,
            clock,
            due: put.clone(),
            put,
            afar: None,
            road: Road::default(),
            off,
            kept: Kept::USUAL,
        }
    }

    /// The same, but other processes on its database hear at once of what is put in.
    #[must_use]
    pub fn heard_afar(self, cache: &Cache) -> Self {
        let afar = self.store.afar(cache);
        let due = if afar.is_some() { Bell::default() } else { self.put.clone() };
        Self { due, afar, ..self }
    }

    /// The same, but workers hear of what is put in by the topic `jobs`.
    #[must_use]
    pub fn told_by(self, teller: Teller) -> Self {
        Self { road: self.road.told_by(teller), ..self }
    }

    /// Brings what comes by the topic to the workers of this process.
    pub fn porter(&self) -> Arc<dyn Consumer> {
        Arc::new(Porter(self.road.clone()))
    }

    /// Takes the jobs away of people whose accounts are gone.
    pub fn leavers(&self) -> Arc<dyn Consumer> {
        leavers(self.store.clone())
    }

    /// How many jobs this process has taken as the topic told of them, and not found in the table; none where nothing is told.
    pub fn came(&self) -> Option<u64> {
        self.road.is_used().then(|| self.road.count())
    }

    /// Jobs that are there exactly if what they follow from is: to go along with that write. They are one run of ids.
    pub fn put(&self, drafts: Vec<Draft>) -> Result<Putting> {
        let ids: Vec<JobId> = self.ids.next_many(drafts.len())?;
        self.put_as(ids.into_iter().zip(drafts).collect())
    }

    /// The same, under ids that were taken before.
    pub fn put_as(&self, jobs: Vec<(JobId, Draft)>) -> Result<Putting> {
        let at = self.clock.now();
        let told = self.road.tell(&jobs, at)?;
        Ok(Putting { jobs, told, at, bell: self.put.clone() })
    }

    /// Puts jobs into the queue that follow from nothing else.
    pub async fn add(&self, drafts: Vec<Draft>) -> Result<Vec<JobId>> {
        let putting = self.put(drafts)?;
        let ids = putting.ids().collect();
        self.store.write(Along::none().with(putting)).await?;
        Ok(ids)
    }
}

impl Queue {
    /// A job; a person's, where one is named.
    pub async fn find(&self, owner: Option<UserId>, id: JobId) -> Result<Option<Job>> {
        Ok(self.store.find(owner, id).await?)
    }

    /// A person's jobs, newest first.
    pub async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Job>> {
        Ok(self.store.list(owner, filter, Seen::Outside).await?)
    }

    /// The same, with what they are about and what came of them: a page of either may be large.
    pub async fn list_whole(&self, owner: UserId, filter: &Filter) -> Result<Vec<Job>> {
        Ok(self.store.list(owner, filter, Seen::Whole).await?)
    }

    /// A job's attempts that came to nothing, in order.
    pub async fn attempts(&self, id: JobId) -> Result<Vec<Attempt>> {
        Ok(self.store.attempts(id).await?)
    }

    /// The open job of a lane that has this key.
    pub async fn by_key(&self, lane: &str, key: &str) -> Result<Option<JobId>> {
        let open = self.store.by_keys(lane, &[key.to_owned()]).await?;
        Ok(open.into_iter().map(|(_, id)| id).next())
    }

    /// Calls a job off; false when it is over. One at work is let go of a moment later.
    pub async fn cancel(&self, owner: Option<UserId>, id: JobId) -> Result<bool> {
        for _ in 0..TRIES {
            let Some(job) = self.find(owner, id).await? else { return Ok(false) };
            let called_off = match job.state {
                State::Done | State::Dead | State::Cancelled => return Ok(false),
                State::Running => self.store.call_off(&job).await?,
                State::Queued | State::Scheduled => self.store.cancel_waiting(&job, self.clock.now()).await?,
            };
            if called_off {
                self.off.ring();
                return Ok(true);
            }
        }
        Err(Error::Stale)
    }

    /// Has a job tried anew that is over, so often; false when it is not, or another open one has its key.
    pub async fn retry(&self, job: &Job, attempts: u32) -> Result<bool> {
        let retried = self.store.retry(job, attempts, self.clock.now()).await?;
        self.put.ring();
        Ok(retried)
    }
}

/// Jobs on their way into a transaction.
#[derive(Debug)]
pub struct Putting {
    jobs: Vec<(JobId, Draft)>,
    told: Vec<Telling>,
    at: Timestamp,
    bell: Bell,
}

impl Putting {
    /// These, which nobody waits for.
    #[cfg(test)]
    pub(crate) fn of(jobs: Vec<(JobId, Draft)>, at: Timestamp) -> Self {
        Self { jobs, told: Vec::new(), at, bell: Bell::default() }
    }

    /// Which ones they will be.
    pub fn ids(&self) -> impl Iterator<Item = JobId> {
        self.jobs.iter().map(|(id, _)| *id)
    }

    /// What they will be, with their ids: also how tests look into what goes along with a write.
    pub fn jobs(&self) -> &[(JobId, Draft)] {
        &self.jobs
    }

    /// When they are put.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

impl Companion for Putting {
    fn steps(&self) -> Vec<Step> {
        let told = self.told.iter().flat_map(Companion::steps);
        store::put(&self.jobs, self.at).into_iter().chain(told).collect()
    }

    fn committed(&self) {
        self.bell.ring();
        self.told.iter().for_each(Companion::committed);
    }
}
