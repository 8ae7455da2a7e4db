//! Jobs that are over, and are kept no longer.

use db::{Batch, FromRow, Result, Row, sized, sql};
use types::{JobId, Timestamp};

use super::SqlJobs;
use crate::job::State;

/// How far the chore has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walk {
    /// The last job that was looked at.
    pub after: i64,
    /// When it set out from the first one.
    pub begun_at: Timestamp,
}

/// A job that is walked past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Which one.
    pub id: JobId,
    /// Where it stands, if it is over.
    pub state: State,
    /// When it was put in the queue.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

impl SqlJobs {
    /// How far the chore has come.
    pub async fn walk(&self) -> Result<Walk> {
        let walk = sql!("select job_id, begun_at from job_walks where name = 'over'");
        let walk: Option<(i64, Timestamp)> = self.db.first(walk).await?;
        Ok(walk.map_or_else(Walk::default, |(after, begun_at)| Walk { after, begun_at }))
    }

    /// The jobs after this one, oldest first.
    pub async fn passed(&self, after: i64, limit: i64) -> Result<Vec<Passed>> {
        let passed = sql!(
            "select id, state, created_at, finished_at from jobs where id > ? order by id limit ?",
            after,
            limit
        );
        self.db.all(passed).await
    }

    /// Deletes those of these jobs that have been over since then, with what there is of them, and notes how far the chore
    /// has come. One that somebody had tried anew meanwhile stays.
    pub async fn clear(&self, jobs: Vec<JobId>, before: Timestamp, walk: Walk) -> Result<()> {
        let mut batch = Batch::new();
        for part in sized(jobs) {
            let over =
                sql!("delete from jobs where state in (2, 3, 4) and finished_at <= ? and id in ", before);
            let over = over.within(part.iter().copied());
            batch = with_what_is_left(batch.any(over), part);
        }
        let on = sql!(
            "update job_walks set job_id = ?, begun_at = ? where name = 'over'",
            walk.after,
            walk.begun_at
        );
        self.db.write(batch.one(on)).await
    }
}

/// Adds that what is left of these jobs goes, of those that are not there any more.
pub(super) fn with_what_is_left(batch: Batch, jobs: Vec<JobId>) -> Batch {
    let attempts = sql!("delete from job_attempts where job_id in ").within(jobs.iter().copied());
    let attempts = attempts.push(" and not exists (select 1 from jobs where jobs.id = job_attempts.job_id)");
    let results = sql!("delete from job_results where job_id in ").within(jobs);
    let results = results.push(" and not exists (select 1 from jobs where jobs.id = job_results.job_id)");
    batch.any(attempts).any(results)
}

impl FromRow for Passed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            state: State::from_kept(row.get(1)?, false),
            created_at: row.get(2)?,
            finished_at: row.get(3)?,
        })
    }
}
