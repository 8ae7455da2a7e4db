//! What there is of people who are gone.

use db::{Batch, Result, Sql, UnlessMissed, sized, sql};
use types::UserId;

use super::keys::free;
use super::sweeping::with_what_is_left;
use super::{Seen, SqlJobs};
use crate::job::{Job, State};

impl SqlJobs {
    /// Removes what the clock puts in for a person, the number of their secret, and when their workers asked.
    pub async fn forget_settings(&self, owner: UserId) -> Result<()> {
        let schedules = sql!("delete from job_schedules where owner_id = ?", owner);
        let secret = sql!("delete from webhook_secrets where owner_id = ?", owner);
        let asks = sql!("delete from job_asks where owner_id = ?", owner);
        self.db.write(Batch::new().any(schedules).any(secret).any(asks)).await
    }

    /// Some of a person's jobs, those first that are not over.
    pub async fn some_of(&self, owner: UserId, limit: i64) -> Result<Vec<Job>> {
        let some =
            sql!("select id from jobs where owner_id = ? order by state, kind, id limit ?", owner, limit);
        self.seen(some, Seen::Outside).await
    }

    /// Removes these jobs with all there is of them, wherever they wait: whoever holds one is taken for somebody who held it
    /// before. False, and none is, when one of them is not where it was.
    pub async fn forget(&self, jobs: &[Job]) -> Result<bool> {
        let mut batch = Batch::new();
        for job in jobs {
            // It comes first: from then on nobody else moves the job.
            if let Some(place) = place(job) {
                batch = batch.one(place);
            }
            if let Some(key) = &job.draft.key {
                batch = batch.any(free(&job.draft.lane(), key, job.id));
            }
        }
        let ids = |is_over| jobs.iter().filter(move |job| job.state.is_over() == is_over).map(|job| job.id);
        for ids in sized(ids(false).collect()) {
            let open = sql!("delete from jobs where id in ").within(ids.iter().copied());
            batch = with_what_is_left(batch.any(open), ids);
        }
        // One that was tried anew meanwhile is met again.
        for ids in sized(ids(true).collect()) {
            let over =
                sql!("delete from jobs where state in (2, 3, 4) and id in ").within(ids.iter().copied());
            batch = with_what_is_left(batch.any(over), ids);
        }
        self.db.write(batch).await.unless_missed()
    }
}

/// What takes the job away from where it is, if it is not over.
fn place(job: &Job) -> Option<Sql> {
    match job.state {
        State::Queued => Some(sql!(
            "delete from job_queue where lane = ? and priority = ? and id = ?",
            job.draft.lane(),
            job.draft.priority.kept(),
            job.id
        )),
        State::Scheduled => {
            Some(sql!("delete from job_later where run_at = ? and id = ?", job.run_at, job.id))
        }
        State::Running => Some(sql!("delete from job_held where id = ?", job.id)),
        State::Done | State::Dead | State::Cancelled => None,
    }
}
