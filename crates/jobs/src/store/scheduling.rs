//! Schedules of people.

use db::{Batch, Result, UnlessMissed, sql};
use types::{ScheduleId, UserId};

use super::SqlJobs;
use super::timing::{TIMED, written};
use crate::timetable::Timed;

impl SqlJobs {
    /// Writes a new one down.
    pub async fn add_timed(&self, timed: &Timed) -> Result<()> {
        self.db.write(Batch::of_one(written(timed))).await
    }

    /// A person's, oldest first; one of them, where one is named.
    pub async fn timed_of(&self, owner: UserId, id: Option<ScheduleId>) -> Result<Vec<Timed>> {
        let all = sql!("select ").push(TIMED).push(" from job_schedules where owner_id = ?").bind(owner);
        self.db.all(all.opt(" and id = ?", id).push(" order by id limit 200")).await
    }

    /// Replaces one; false when that is not what is there.
    pub async fn replace_timed(&self, before: &Timed, after: &Timed) -> Result<bool> {
        let replace = sql!(
            "update job_schedules set name = ?, cron = ?, zone = ?, missed = ?, last_at = ?, next_at = ?, \
             version = version + 1 where id = ? and version = ? and last_at = ?",
            after.name.as_str(),
            after.cron.as_str(),
            after.zone.as_str(),
            after.missed.name(),
            after.last_at,
            after.next_at,
            before.id,
            before.version,
            before.last_at
        );
        self.db.write(Batch::of_one(replace)).await.unless_missed()
    }

    /// Removes one; false when there is none.
    pub async fn remove_timed(&self, owner: UserId, id: ScheduleId) -> Result<bool> {
        let remove = sql!("delete from job_schedules where id = ? and owner_id = ?", id, owner);
        self.db.write(Batch::of_one(remove)).await.unless_missed()
    }
}
