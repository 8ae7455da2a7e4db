//! What is around a job: who works, what waits before it, and who has it.

use db::{FromRow, Result, Row, sql};
use types::Timestamp;

use super::SqlJobs;
use crate::job::{Job, Priority, State};

/// Processes that are looked at.
const WORKERS: i64 = 200;
/// Jobs that are counted: whoever is behind so many knows enough.
pub const COUNTED: i64 = 1_000;

/// A process that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The kinds that it does, with blanks between.
    pub lanes: String,
    /// How many jobs it takes at once.
    pub room: i64,
    /// How many it had a moment ago.
    pub busy: i64,
}

/// Who has a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The process's name; none for somebody outside.
    pub name: Option<String>,
    /// Until when somebody outside has it, unless they let hear of themselves.
    pub until: Option<Timestamp>,
}

/// What is around a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Who works.
    pub workers: Vec<Worker>,
    /// How many of its lane may run at once, and how many do, if that is limited.
    pub limit: Option<(i64, i64)>,
    /// How many of its lane are before it, up to [`COUNTED`].
    pub before: i64,
    /// Who has it.
    pub holder: Option<Holder>,
    /// When somebody outside last asked for jobs of its queue.
    pub asked: Option<Timestamp>,
    /// How many jobs of its queue somebody outside has, up to [`COUNTED`].
    pub lent: i64,
}

impl SqlJobs {
    /// What is around a job, as far as it matters where that stands.
    pub async fn around(&self, job: &Job, now: Timestamp) -> Result<Around> {
        match job.state {
            State::Queued if job.draft.queue.is_some() => self.around_outside(job).await,
            State::Queued => Ok(Around {
                workers: self.workers(now).await?,
                limit: self.limit_of(&job.draft.lane()).await?,
                before: self.before(job).await?,
                ..Around::default()
            }),
            State::Running => Ok(Around { holder: self.holder(job).await?, ..Around::default() }),
            _ => Ok(Around::default()),
        }
    }

    async fn around_outside(&self, job: &Job) -> Result<Around> {
        let lane = job.draft.lane();
        Ok(Around {
            limit: self.limit_of(&lane).await?,
            before: self.before(job).await?,
            asked: self.asked(&job.draft).await?,
            lent: self.held_of(&lane, COUNTED).await?,
            ..Around::default()
        })
    }

    async fn workers(&self, now: Timestamp) -> Result<Vec<Worker>> {
        let signed = sql!(
            "select lanes, room, busy from job_workers where lease_until > ? order by id limit ?",
            now,
            WORKERS
        );
        self.db.all(signed).await
    }

    async fn limit_of(&self, lane: &str) -> Result<Option<(i64, i64)>> {
        let most = sql!("select most from job_lanes where lane = ? and most is not null", lane);
        let Some(most) = self.db.first::<i64>(most).await? else { return Ok(None) };
        Ok(Some((most, self.held_of(lane, most).await?)))
    }

    /// How many jobs of a lane are at work, up to so many.
    async fn held_of(&self, lane: &str, most: i64) -> Result<i64> {
        let some = sql!("select id from job_held where lane = ? limit ?", lane, most);
        let held = sql!("select count(*) from counted").with("counted", some);
        Ok(self.db.first(held).await?.unwrap_or(0))
    }

    async fn before(&self, job: &Job) -> Result<i64> {
        let (lane, own) = (job.draft.lane(), job.draft.priority);
        let mut before = 0;
        for priority in Priority::ALL.into_iter().filter(|priority| *priority <= own) {
            let some = sql!(
                "select id from job_queue where lane = ? and priority = ?",
                lane.as_str(),
                priority.kept()
            );
            let some = some.opt(" and id < ?", (priority == own).then_some(job.id));
            let some = some.push(" limit ?").bind(COUNTED - before);
            let counted = sql!("select count(*) from counted").with("counted", some);
            before += self.db.first::<i64>(counted).await?.unwrap_or(0);
        }
        Ok(before)
    }

    async fn holder(&self, job: &Job) -> Result<Option<Holder>> {
        let held = sql!(
            "select job_workers.holder, held.held_until from job_held held \
             left join job_workers on job_workers.id = held.worker where held.id = ?",
            job.id
        );
        self.db.first(held).await
    }
}

impl FromRow for Worker {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { lanes: row.get(0)?, room: row.get(1)?, busy: row.get(2)? })
    }
}

impl FromRow for Holder {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { name: row.get(0)?, until: row.get(1)? })
    }
}
