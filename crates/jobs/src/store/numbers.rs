//! How the queue is doing.

use db::{Result, Sql, sql};
use types::{JobId, Timestamp};

use super::SqlJobs;
use crate::job::State;

/// Rows that are counted at the most.
const MOST: i64 = 10_000;
/// Lanes that are looked into for the job that waits longest.
const LANES: i64 = 100;

impl SqlJobs {
    /// How many are due.
    pub async fn count_queued(&self) -> Result<i64> {
        self.number(sql!("select count(*) from (select id from job_queue limit ?) counted", MOST)).await
    }

    /// How many are for later.
    pub async fn count_scheduled(&self) -> Result<i64> {
        self.number(sql!("select count(*) from (select id from job_later limit ?) counted", MOST)).await
    }

    /// How many are at work.
    pub async fn count_running(&self) -> Result<i64> {
        self.number(sql!("select count(*) from (select id from job_held limit ?) counted", MOST)).await
    }

    /// How many of the newest jobs have come to this end since then.
    pub async fn count_over(&self, state: State, since: Timestamp) -> Result<i64> {
        let count = sql!(
            "select count(*) from (select state, finished_at from jobs order by id desc limit ?) newest \
             where state = ? and finished_at >= ?",
            MOST,
            state.kept(),
            since
        );
        self.number(count).await
    }

    /// How many workers are signed in.
    pub async fn count_workers(&self) -> Result<i64> {
        self.number(sql!("select count(*) from job_workers")).await
    }

    /// Since when the job has been due that waits longest in a lane of this house's own: those have a row, whether or not
    /// they have a limit.
    pub async fn longest_due(&self) -> Result<Option<Timestamp>> {
        let first = sql!(
            "select (select min(q.id) from job_queue q where q.lane = l.lane and q.priority = 0), \
             (select min(q.id) from job_queue q where q.lane = l.lane and q.priority = 1) \
             from job_lanes l order by l.lane limit ?",
            LANES
        );
        let first: Vec<(Option<JobId>, Option<JobId>)> = self.db.all(first).await?;
        let mut longest: Option<Timestamp> = None;
        let ids: Vec<JobId> = first.into_iter().flat_map(|(high, normal)| [high, normal]).flatten().collect();
        for part in ids.chunks(super::LISTED) {
            let due = sql!("select min(run_at) from jobs where id in ").within(part.iter().copied());
            let due: Option<i64> = self.db.first(due).await?.flatten();
            longest = longest.into_iter().chain(due.map(Timestamp::from_micros)).min();
        }
        Ok(longest)
    }

    async fn number(&self, count: Sql) -> Result<i64> {
        Ok(self.db.scan(count).await?.pop().unwrap_or_default())
    }
}
