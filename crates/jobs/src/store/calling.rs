//! What people do with jobs that are there: calling them off, and trying them anew.

use db::{Batch, Result, UnlessMissed, sql};
use types::Timestamp;

use super::SqlJobs;
use super::keys::{free, take};
use crate::job::{Job, State};

impl SqlJobs {
    /// Calls a job off that waits; false when it does not, any more.
    pub async fn cancel_waiting(&self, job: &Job, now: Timestamp) -> Result<bool> {
        let lane = job.draft.lane();
        let waits = if job.state == State::Scheduled {
            sql!("delete from job_later where run_at = ? and id = ?", job.run_at, job.id)
        } else {
            let (lane, priority) = (lane.as_str(), job.draft.priority.kept());
            sql!("delete from job_queue where lane = ? and priority = ? and id = ?", lane, priority, job.id)
        };
        let write = sql!("update jobs set state = 4, finished_at = ? where id = ?", now, job.id);
        let batch = Batch::of_one(waits).one(write);
        let batch = match &job.draft.key {
            Some(key) => batch.any(free(&lane, key, job.id)),
            None => batch,
        };
        self.db.write(batch).await.unless_missed()
    }

    /// Tells whoever holds a job that it is called off; false when nobody does.
    pub async fn call_off(&self, job: &Job) -> Result<bool> {
        let tell = sql!("update job_held set cancelled = 1 where id = ?", job.id);
        self.db.write(Batch::of_one(tell)).await.unless_missed()
    }

    /// Has a job tried anew that is over, so often; false when it is not over any more, or another open one has its key.
    pub async fn retry(&self, job: &Job, attempts: u32, now: Timestamp) -> Result<bool> {
        let lane = job.draft.lane();
        let open = sql!(
            "update jobs set state = 0, run_at = ?, attempts = attempt + ?, finished_at = null, result = null \
             where id = ? and state = ?",
            now,
            i64::from(attempts),
            job.id,
            job.state.kept()
        );
        let wait = sql!(
            "insert into job_queue (lane, priority, id, owner_id, attempt) values (?, ?, ?, ?, ?)",
            lane.as_str(),
            job.draft.priority.kept(),
            job.id,
            job.draft.owner,
            job.attempt
        );
        let batch = Batch::of_one(open).one(wait);
        let batch = match &job.draft.key {
            None => batch,
            Some(key) => own(batch, job, &lane, key),
        };
        self.db.write(batch).await.unless_missed()
    }
}

/// The key must be the job's, as it was before it was over.
fn own(batch: Batch, job: &Job, lane: &str, key: &str) -> Batch {
    let is_own = sql!(
        "update job_keys set id = ? where lane = ? and unique_key = ? and id = ?",
        job.id,
        lane,
        key,
        job.id
    );
    batch.any(take(lane, key, job.id)).one(is_own)
}
