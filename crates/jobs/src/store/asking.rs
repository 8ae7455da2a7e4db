//! When somebody outside last asked for jobs.

use db::{Batch, Result, sized, sql};
use types::{Timestamp, UserId};

use super::SqlJobs;
use crate::job::Draft;

/// Rows that are cleared away at once.
const PORTION: i64 = 500;

impl SqlJobs {
    /// Writes down that somebody asks for jobs of these queues now.
    pub async fn note_asks(&self, owner: UserId, queues: &[&str], now: Timestamp) -> Result<()> {
        let rows = queues.iter().map(|queue| vec![owner.into(), (*queue).into(), now.into()]).collect();
        let asks = Batch::new().bulk_upsert(
            "insert into job_asks (owner_id, queue, asked_at) values",
            rows,
            "on conflict (owner_id, queue) do update set asked_at = excluded.asked_at",
        );
        self.db.write(asks).await
    }

    /// When somebody last asked for jobs of the queue of this one.
    pub async fn asked(&self, job: &Draft) -> Result<Option<Timestamp>> {
        let (Some(owner), Some(queue)) = (job.owner, job.queue.as_deref()) else { return Ok(None) };
        let asked = sql!("select asked_at from job_asks where owner_id = ? and queue = ?", owner, queue);
        self.db.first(asked).await
    }

    /// Clears away some of what was last asked for before; how many there were.
    pub async fn clear_asks(&self, before: Timestamp) -> Result<usize> {
        let old = sql!(
            "select owner_id, queue from job_asks where asked_at < ? order by asked_at limit ?",
            before,
            PORTION
        );
        let old: Vec<(UserId, String)> = self.db.all(old).await?;
        if old.is_empty() {
            return Ok(0);
        }
        let mut batch = Batch::new();
        for run in old.chunk_by(|a, b| a.0 == b.0) {
            for part in sized(run.to_vec()) {
                let Some((owner, _)) = part.first() else { continue };
                // What somebody asked for meanwhile stays.
                let gone = sql!(
                    "delete from job_asks where owner_id = ? and asked_at < ? and queue in ",
                    *owner,
                    before
                );
                batch = batch.any(gone.within(part.into_iter().map(|(_, queue)| queue)));
            }
        }
        self.db.write(batch).await?;
        Ok(old.len())
    }
}
