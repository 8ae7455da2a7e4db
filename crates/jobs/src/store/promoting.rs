//! Jobs whose time has come.

use db::{Batch, Result, Rows, UnlessMissed, sized, sql};
use types::{JobId, Timestamp, UserId};

use super::SqlJobs;

/// How many become due at once.
const PORTION: i64 = 500;

impl SqlJobs {
    /// When the next one is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.db.first(sql!("select run_at from job_later order by run_at, id limit 1")).await
    }

    /// Puts some of those in the queue that are due; how many. None too when another process was at it.
    pub async fn promote(&self, now: Timestamp) -> Result<usize> {
        type Due = (Timestamp, JobId, String, i64, Option<UserId>, i64);
        let due = sql!(
            "select run_at, id, lane, priority, owner_id, attempt from job_later where run_at <= ? \
             order by run_at, id limit ?",
            now,
            PORTION
        );
        let due: Vec<Due> = self.db.all(due).await?;
        let mut batch = Batch::new();
        for (run_at, id, ..) in &due {
            batch = batch.one(sql!("delete from job_later where run_at = ? and id = ?", *run_at, *id));
        }
        let ids: Vec<JobId> = due.iter().map(|(_, id, ..)| *id).collect();
        let count = ids.len();
        for ids in sized(ids) {
            let rows = Rows::Exactly(ids.len() as u64);
            batch = batch.step(sql!("update jobs set state = 0 where id in ").within(ids), rows);
        }
        let rows = due.into_iter().map(|(_, id, lane, priority, owner, attempt)| {
            vec![lane.into(), priority.into(), id.into(), owner.into(), attempt.into()]
        });
        let rows = rows.collect();
        let batch = batch.bulk("insert into job_queue (lane, priority, id, owner_id, attempt) values", rows);
        if count == 0 {
            return Ok(0);
        }
        Ok(if self.db.write(batch).await.unless_missed()? { count } else { 0 })
    }
}
