//! What came of reports, in parts.

use db::{Along, Batch, Result, Step, UnlessMissed, sql};
use types::JobId;

use super::SqlJobs;
use crate::running::Held;

/// Parts that are taken away at once.
const PORTION: i64 = 32;

impl SqlJobs {
    /// Takes away what an earlier attempt has written; false when the job is another's by now.
    pub async fn clear_parts(&self, job: &Held) -> Result<bool> {
        loop {
            let last: Option<i64> = self
                .db
                .first(sql!("select max(part) from job_results where job_id = ?", job.id))
                .await?
                .flatten();
            let Some(last) = last else { return Ok(true) };
            let from = last - PORTION;
            let gone = sql!("delete from job_results where job_id = ? and part > ?", job.id, from);
            if !self.db.write(Batch::new().and(still_held(job, None)).any(gone)).await.unless_missed()? {
                return Ok(false);
            }
        }
    }

    /// Writes a part, and how far the job has come; false when the job is another's by now.
    pub async fn add_part(&self, job: &Held, (part, data): (i64, &str), progress: &str) -> Result<bool> {
        let batch = Batch::new().and(still_held(job, Some(progress)));
        self.db.write(batch.one(insert(job, part, data))).await.unless_missed()
    }

    /// Writes the last part, with what comes along.
    pub async fn add_last_part(&self, job: &Held, (part, data): (i64, &str), along: Along) -> Result<()> {
        self.db.write(Batch::of_one(insert(job, part, data)).along(along)).await
    }

    /// A part.
    pub async fn part(&self, job: JobId, part: i64) -> Result<Option<String>> {
        self.db.first(sql!("select data from job_results where job_id = ? and part = ?", job, part)).await
    }
}

/// The step by which somebody who was taken for dead writes nothing.
fn still_held(job: &Held, progress: Option<&str>) -> Step {
    let held =
        sql!("update job_held set progress = ? where claim = ? and id = ?", progress, job.claim, job.id);
    Step::new(held, db::Rows::Exactly(1))
}

fn insert(job: &Held, part: i64, data: &str) -> db::Sql {
    sql!("insert into job_results (job_id, part, data) values (?, ?, ?)", job.id, part, data)
}
