//! A report of a person's own jobs.

use async_trait::async_trait;
use types::{JobId, Result, Timestamp, UserId};

use super::super::{email, webhook};
use super::{Place, Rows, Source};
use crate::door::External;
use crate::job::Job;
use crate::queue::Queue;
use crate::store::Filter;

/// Jobs of a page, which are in memory whole.
const PAGE: i64 = 50;

/// What people have done.
const KINDS: [&str; 4] = [External::NAME, webhook::NAME, email::NAME, super::NAME];

/// A person's jobs, newest first.
pub struct History {
    queue: Queue,
}

impl History {
    /// In this queue.
    pub const fn new(queue: Queue) -> Self {
        Self { queue }
    }
}

#[async_trait]
impl Source for History {
    fn name(&self) -> &'static str {
        "jobs"
    }

    fn columns(&self) -> &'static [&'static str] {
        &[
            "id",
            "kind",
            "queue",
            "state",
            "priority",
            "payload",
            "key",
            "attempt",
            "attempts",
            "created_at",
            "run_at",
            "started_at",
            "finished_at",
            "error",
            "result",
        ]
    }

    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows> {
        let before = after.map(|Place(id, _)| JobId::trusted(id));
        let filter =
            Filter { states: Vec::new(), kinds: KINDS.map(str::to_owned).to_vec(), before, limit: PAGE };
        let jobs = self.queue.list_whole(person, &filter).await?;
        let is_full = i64::try_from(jobs.len()).is_ok_and(|found| found == PAGE);
        let next = jobs.last().filter(|_| is_full).map(|job| job.id.number().into());
        Ok(Rows { rows: jobs.into_iter().map(row).collect(), next })
    }
}

fn row(job: Job) -> Vec<String> {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    vec![
        job.id.to_string(),
        job.draft.kind,
        job.draft.queue.unwrap_or_default(),
        job.state.name().to_owned(),
        job.draft.priority.name().to_owned(),
        job.draft.payload,
        job.draft.key.unwrap_or_default(),
        job.attempt.to_string(),
        job.draft.attempts.to_string(),
        job.created_at.to_string(),
        job.run_at.to_string(),
        moment(job.started_at),
        moment(job.finished_at),
        job.error.unwrap_or_default(),
        job.result.unwrap_or_default(),
    ]
}
