//! How an attempt ends. Each ending begins with the row of whoever holds the job: what comes late from a former holder finds
//! none, and nothing of it happens.

use db::{Batch, Result, Rows, Step, UnlessMissed, sized, sql};
use types::{JobId, Timestamp};

use super::SqlJobs;
use super::keys::free;
use crate::job::{Priority, State};
use crate::running::Held;

/// How a failed attempt goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is tried again, at this moment or at once.
    Again(Option<Timestamp>),
    /// It is over.
    Over(State),
}

/// An attempt that came to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'f> {
    /// How it ended, in a word.
    pub outcome: &'static str,
    /// Why.
    pub error: Option<&'f str>,
    /// How it goes on.
    pub fate: Fate,
    /// When.
    pub at: Timestamp,
    /// Only if whoever is outside was to be heard of before this moment.
    pub overdue: Option<Timestamp>,
}

/// The steps of jobs that are done, of one claim.
pub fn done(claim: i64, jobs: &[&Held], at: Timestamp) -> Vec<Step> {
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    let mut steps = Vec::new();
    for ids in sized(ids) {
        let rows = Rows::Exactly(ids.len() as u64);
        let let_go = sql!("delete from job_held where claim = ? and id in ", claim);
        steps.push(Step::new(let_go.within(ids), rows));
    }
    // Those of one claim began at one moment and most are at one attempt: one statement writes as many as are alike.
    let mut alike: Vec<&Held> = jobs.to_vec();
    alike.sort_unstable_by_key(|job| (job.attempt, job.started_at));
    for run in alike.chunk_by(|a, b| (a.attempt, a.started_at) == (b.attempt, b.started_at)) {
        let Some(first) = run.first() else { continue };
        for ids in sized(run.iter().map(|job| job.id).collect()) {
            let rows = Rows::Exactly(ids.len() as u64);
            let write = sql!(
                "update jobs set state = 2, attempt = ?, started_at = ?, finished_at = ? where id in ",
                first.attempt,
                first.started_at,
                at
            );
            steps.push(Step::new(write.within(ids), rows));
        }
    }
    steps.extend(jobs.iter().filter_map(|job| keyless(job)));
    steps
}

/// The steps of a job that is done, and of what came of it.
pub fn done_with(job: &Held, result: &str, at: Timestamp) -> Vec<Step> {
    let mut steps = done(job.claim, &[job], at);
    let write = sql!("update jobs set result = ? where id = ?", result, job.id);
    steps.push(Step::new(write, Rows::Exactly(1)));
    steps
}

impl SqlJobs {
    /// Writes that these are done; false, and none is, when one of them is not held any more.
    pub async fn finish(&self, steps: Vec<Step>) -> Result<bool> {
        let batch = steps.into_iter().fold(Batch::new(), Batch::and);
        self.db.write(batch).await.unless_missed()
    }

    /// Writes that an attempt came to nothing; false when it is not held any more. One that was called off meanwhile is not
    /// tried again, whatever was decided.
    pub async fn fail(&self, job: &Held, failure: Failure<'_>) -> Result<bool> {
        let off = Failure { fate: Fate::Over(State::Cancelled), ..failure };
        Ok(self.end(job, failure, " and cancelled = 0").await?
            || self.end(job, off, " and cancelled = 1").await?)
    }

    async fn end(&self, job: &Held, failure: Failure<'_>, only: &'static str) -> Result<bool> {
        let let_go = sql!("delete from job_held where claim = ? and id = ?", job.claim, job.id)
            .opt(" and held_until < ?", failure.overdue)
            .push(only);
        let told = sql!(
            "insert into job_attempts (job_id, attempt, started_at, ended_at, outcome, error) values (?, ?, ?, ?, ?, ?) \
             on conflict (job_id, attempt) do update set ended_at = excluded.ended_at, outcome = excluded.outcome, \
             error = excluded.error",
            job.id,
            job.attempt,
            job.started_at,
            failure.at,
            failure.outcome,
            failure.error
        );
        let batch = Batch::of_one(let_go).any(told);
        let batch = match failure.fate {
            Fate::Again(run_at) => again(batch, job, run_at, failure),
            Fate::Over(state) => over(batch, job, state, failure),
        };
        self.db.write(batch).await.unless_missed()
    }

    /// Gives a job back as if nobody had taken it; false when it is not held any more. One that was called off stays, to be
    /// found without a holder.
    pub async fn release(&self, job: &Held) -> Result<bool> {
        let back = sql!(
            "insert into job_queue (lane, priority, id, owner_id, attempt) \
             select lane, priority, id, owner_id, attempt - 1 from job_held where claim = ? and id = ? and cancelled = 0",
            job.claim,
            job.id
        );
        let let_go = sql!("delete from job_held where claim = ? and id = ?", job.claim, job.id);
        self.db.write(Batch::of_one(back).one(let_go)).await.unless_missed()
    }
}

fn again(batch: Batch, job: &Held, run_at: Option<Timestamp>, failure: Failure<'_>) -> Batch {
    let (state, due) = run_at.map_or((State::Queued, failure.at), |run_at| (State::Scheduled, run_at));
    let write = sql!(
        "update jobs set state = ?, run_at = ?, attempt = ?, started_at = ?, error = ? where id = ?",
        state.kept(),
        due,
        job.attempt,
        job.started_at,
        failure.error,
        job.id
    );
    let wait = match run_at {
        None => sql!(
            "insert into job_queue (lane, priority, id, owner_id, attempt) values (?, ?, ?, ?, ?)",
            job.lane.as_str(),
            Priority::kept(job.priority),
            job.id,
            job.owner,
            job.attempt
        ),
        Some(run_at) => sql!(
            "insert into job_later (run_at, id, lane, priority, owner_id, attempt) values (?, ?, ?, ?, ?, ?)",
            run_at,
            job.id,
            job.lane.as_str(),
            Priority::kept(job.priority),
            job.owner,
            job.attempt
        ),
    };
    batch.one(write).one(wait)
}

fn over(batch: Batch, job: &Held, state: State, failure: Failure<'_>) -> Batch {
    let write = sql!(
        "update jobs set state = ?, attempt = ?, started_at = ?, finished_at = ?, error = ? where id = ?",
        state.kept(),
        job.attempt,
        job.started_at,
        failure.at,
        failure.error,
        job.id
    );
    let batch = batch.one(write);
    match keyless(job) {
        Some(step) => batch.and(step),
        None => batch,
    }
}

/// The step that frees the job's key, if it has one.
fn keyless(job: &Held) -> Option<Step> {
    let key = job.key.as_deref()?;
    Some(Step::new(free(&job.lane, key, job.id), Rows::Any))
}
