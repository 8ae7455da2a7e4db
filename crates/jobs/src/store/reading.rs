//! Jobs as people see them.

use db::{FromRow, Result, Row, Sql, sql};
use types::{JobId, Timestamp, UserId};

use super::SqlJobs;
use super::counting::range;
use crate::job::{Attempt, Draft, Job, Priority, State};
use crate::running::Held;

/// Which of a person's jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In these states; in all of them when none is named.
    pub states: Vec<State>,
    /// Of these kinds. None is of no kind.
    pub kinds: Vec<String>,
    /// Only those older than this one.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: i64,
}

/// How much of a job is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// All but what it is about and what came of it.
    Outside,
}

impl SqlJobs {
    /// A person's jobs, newest first. Each kind in each state is a range of the index, and no more than a page is picked.
    pub async fn list(&self, owner: UserId, filter: &Filter, seen: Seen) -> Result<Vec<Job>> {
        let states = if filter.states.is_empty() { &State::ALL[..] } else { &filter.states };
        let ranges =
            states.iter().flat_map(|state| filter.kinds.iter().map(|kind| range(owner, *state, kind)));
        let ranges = ranges.map(|range| {
            let range = range.opt(" and jobs.id < ?", filter.before);
            range.push(" order by jobs.id desc limit ?").bind(filter.limit)
        });
        if filter.kinds.is_empty() {
            return Ok(Vec::new());
        }
        let picked = Sql::together(ranges).push(" order by id desc limit ?").bind(filter.limit);
        self.seen(picked, seen).await
    }

    /// A job; a person's, where one is named.
    pub async fn find(&self, owner: Option<UserId>, id: JobId) -> Result<Option<Job>> {
        let picked = sql!("select id from jobs where id = ?", id).opt(" and owner_id = ?", owner);
        Ok(self.seen(picked, Seen::Whole).await?.pop())
    }

    /// Those jobs, a hundred at the most, newest first, without what they are about and what came of them; only a person's,
    /// where one is named.
    pub async fn find_all(&self, owner: Option<UserId>, ids: &[JobId]) -> Result<Vec<Job>> {
        let picked = sql!("select id from jobs where id in ").within(ids.iter().copied());
        self.seen(picked.opt(" and owner_id = ?", owner), Seen::Outside).await
    }

    /// The jobs that are picked, newest first.
    pub(super) async fn seen(&self, picked: Sql, seen: Seen) -> Result<Vec<Job>> {
        let whole = i64::from(seen == Seen::Whole);
        let jobs = sql!(
            "select case when ? = 1 then jobs.payload else '' end, case when ? = 1 then jobs.result end, \
             jobs.id, jobs.owner_id, jobs.kind, jobs.queue, jobs.state, jobs.priority, \
             jobs.unique_key, jobs.run_at, jobs.attempt, jobs.attempts, jobs.created_at, jobs.started_at, \
             jobs.finished_at, jobs.error, held.attempt, held.started_at, held.progress, held.cancelled \
             from picked cross join jobs left join job_held held on held.id = jobs.id where jobs.id = picked.id \
             order by jobs.id desc",
            whole,
            whole
        );
        self.db.all(jobs.with("picked", picked)).await
    }

    /// A job's attempts that came to nothing, in order.
    pub async fn attempts(&self, id: JobId) -> Result<Vec<Attempt>> {
        let attempts = sql!(
            "select attempt, started_at, ended_at, outcome, error from job_attempts where job_id = ? order by attempt limit 200",
            id
        );
        self.db.all(attempts).await
    }

    /// The open jobs of a lane that have these keys, a hundred at the most.
    pub async fn by_keys(&self, lane: &str, keys: &[String]) -> Result<Vec<(String, JobId)>> {
        let open = sql!("select unique_key, id from job_keys where lane = ? and unique_key in ", lane);
        self.db.all(open.within(keys.iter().map(String::as_str))).await
    }
}

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let held_since: Option<Timestamp> = row.get(17)?;
        let held: Option<i64> = row.get(16)?;
        let (attempt, run_at): (i64, Timestamp) = (row.get(10)?, row.get(9)?);
        let attempts: i64 = row.get(11)?;
        Ok(Self {
            id: row.get(2)?,
            draft: Draft {
                owner: row.get(3)?,
                kind: row.get(4)?,
                queue: row.get(5)?,
                payload: row.get(0)?,
                priority: Priority::from_kept(row.get(7)?),
                run_at: Some(run_at),
                key: row.get(8)?,
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            },
            state: State::from_kept(row.get(6)?, held.is_some()),
            run_at,
            attempt: held.unwrap_or(attempt),
            created_at: row.get(12)?,
            started_at: held_since.or(row.get(13)?),
            finished_at: row.get(14)?,
            error: row.get(15)?,
            result: row.get(1)?,
            progress: row.get(18)?,
            is_cancelling: row.get::<Option<i64>>(19)? == Some(1),
        })
    }
}

impl FromRow for Attempt {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            attempt: row.get(0)?,
            started_at: row.get(1)?,
            ended_at: row.get(2)?,
            outcome: row.get(3)?,
            error: row.get(4)?,
        })
    }
}

impl FromRow for Held {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            claim: row.get(1)?,
            lane: row.get(2)?,
            priority: Priority::from_kept(row.get(3)?),
            owner: row.get(4)?,
            key: row.get(5)?,
            attempt: row.get(6)?,
            attempts: row.get(7)?,
            started_at: row.get(8)?,
        })
    }
}
