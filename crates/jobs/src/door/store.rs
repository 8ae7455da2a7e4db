//! The queue as the place where people's jobs are kept.

use api::idempotency::{self, Key, Made};
use async_trait::async_trait;
use db::Along;
use types::{JobId, Result, UserId};

use super::service::JobStore;
use crate::queue::Putting;
use crate::store::{Around, Counts, Filter};
use crate::{Attempt, Draft, Job, Queue, State};

#[async_trait]
impl JobStore for Queue {
    fn ids(&self, count: usize) -> Result<Vec<JobId>> {
        self.ids.next_many(count)
    }

    fn put(&self, jobs: Vec<(JobId, Draft)>) -> Result<Putting> {
        self.put_as(jobs)
    }

    async fn write(&self, along: Along) -> Result<()> {
        Ok(self.store.write(along).await?)
    }

    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>> {
        Ok(idempotency::found(self.store.db(), owner, key).await?)
    }

    async fn find(&self, owner: UserId, id: JobId) -> Result<Option<Job>> {
        Self::find(self, Some(owner), id).await
    }

    async fn find_all(&self, owner: UserId, ids: &[JobId]) -> Result<Vec<Job>> {
        Ok(self.store.find_all(Some(owner), ids).await?)
    }

    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Job>> {
        Self::list(self, owner, filter).await
    }

    async fn count(&self, owner: UserId, kinds: &[String], states: &[State], most: i64) -> Result<Counts> {
        Ok(self.store.count(owner, kinds, states, most).await?)
    }

    async fn attempts(&self, id: JobId) -> Result<Vec<Attempt>> {
        Self::attempts(self, id).await
    }

    async fn by_keys(&self, lane: &str, keys: &[String]) -> Result<Vec<(String, JobId)>> {
        Ok(self.store.by_keys(lane, keys).await?)
    }

    async fn around(&self, job: &Job) -> Result<Around> {
        Ok(self.store.around(job, self.clock.now()).await?)
    }

    async fn cancel(&self, owner: UserId, id: JobId) -> Result<bool> {
        Self::cancel(self, Some(owner), id).await
    }

    async fn retry(&self, job: &Job, attempts: u32) -> Result<bool> {
        Self::retry(self, job, attempts).await
    }
}
