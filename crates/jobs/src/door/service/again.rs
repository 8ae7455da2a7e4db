//! Having jobs tried again that are over.

use futures_util::future::try_join_all;
use types::{Caller, Error, JobId, Result};

use super::{AT_ONCE, Jobs, TRIES};
use crate::door::texts;
use crate::store::Filter;
use crate::{Job, State};

/// Jobs of one call.
const MOST: usize = 1_000;
/// Jobs that are written beside one another.
const BESIDE: usize = 32;

/// Which jobs are to be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// These, as far as they are dead or were called off.
    Named(Vec<JobId>),
    /// All in this state, of these kinds.
    All(State, Vec<String>),
}

impl Jobs {
    /// Has a job tried again that is dead or was called off: as often as is left of its attempts, and once at least.
    pub async fn retry(&self, caller: &Caller, id: JobId) -> Result<Job> {
        for _ in 0..TRIES {
            let job = self.find(caller, id).await?;
            if !can_be_tried(&job) {
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

    /// Has many jobs tried again; how many, and whether there are more. One whose key another open one has stays as it is.
    pub async fn retry_many(&self, caller: &Caller, again: Again) -> Result<(usize, bool)> {
        let (mut jobs, is_named) = match again {
            Again::Named(ids) => (self.named(caller, &ids).await?, true),
            Again::All(state, kinds) => {
                let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
                let filter = Filter { states: vec![state], kinds, before: None, limit };
                (self.list(caller, &filter).await?, false)
            }
        };
        let more = !is_named && jobs.len() > MOST;
        jobs.truncate(MOST);
        let mut retried = 0;
        for part in jobs.chunks(BESIDE) {
            let tried = part.iter().map(|job| self.store.retry(job, left(job)));
            retried += try_join_all(tried).await?.into_iter().filter(|retried| *retried).count();
        }
        // Where none of so many could be tried, asking again would not help.
        Ok((retried, more && retried > 0))
    }

    async fn named(&self, caller: &Caller, ids: &[JobId]) -> Result<Vec<Job>> {
        if ids.len() > MOST {
            return Err(Error::invalid("ids", texts::TOO_MANY_ITEMS.with([&MOST])));
        }
        let mut jobs = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            jobs.append(&mut self.store.find_all(caller.user, part).await?);
        }
        jobs.retain(|job| can_be_tried(job) && self.kinds.named(&job.draft.kind).is_some());
        Ok(jobs)
    }
}

const fn can_be_tried(job: &Job) -> bool {
    matches!(job.state, State::Dead | State::Cancelled)
}

/// How often a job may be tried once it is tried again by hand.
fn left(job: &Job) -> u32 {
    let tried = u32::try_from(job.attempt).unwrap_or(u32::MAX);
    job.draft.attempts.saturating_sub(tried).max(1)
}
