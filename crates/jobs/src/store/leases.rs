//! Who works here, and who is dead.

use db::{Batch, Result, UnlessMissed, sql};
use types::{JobId, Timestamp};

use super::{HELD, SqlJobs};
use crate::running::Held;

/// A process that works, as it signs itself in.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Its number, which no other process ever had.
    pub id: i64,
    /// Its name, for people.
    pub holder: String,
    /// The lanes it works in.
    pub lanes: String,
    /// How many jobs it takes at once.
    pub room: i64,
}

impl SqlJobs {
    /// Signs a worker in until then.
    pub async fn sign_in(&self, worker: &Signed, now: Timestamp, until: Timestamp) -> Result<()> {
        let insert = sql!(
            "insert into job_workers (id, holder, lanes, room, busy, started_at, lease_until) \
             values (?, ?, ?, ?, 0, ?, ?)",
            worker.id,
            worker.holder.as_str(),
            worker.lanes.as_str(),
            worker.room,
            now,
            until
        );
        self.db.write(Batch::of_one(insert)).await
    }

    /// Renews its lease, and says how much of its room is taken; false when it was taken for dead.
    pub async fn renew(&self, worker: i64, until: Timestamp, busy: usize) -> Result<bool> {
        let busy = i64::try_from(busy).unwrap_or(i64::MAX);
        let renewal =
            sql!("update job_workers set lease_until = ?, busy = ? where id = ?", until, busy, worker);
        self.db.write(Batch::of_one(renewal)).await.unless_missed()
    }

    /// Signs it out. What it still holds others take over.
    pub async fn sign_out(&self, worker: i64) -> Result<()> {
        self.db.write(Batch::new().any(sql!("delete from job_workers where id = ?", worker))).await
    }

    /// Signs those out whose lease ended before.
    pub async fn bury(&self, before: Timestamp) -> Result<()> {
        self.db.write(Batch::new().any(sql!("delete from job_workers where lease_until < ?", before))).await
    }

    /// Signs all others out.
    pub async fn bury_others(&self, worker: i64) -> Result<()> {
        self.db.write(Batch::new().any(sql!("delete from job_workers where id <> ?", worker))).await
    }

    /// Jobs that nobody holds who is signed in: also such as were taken in the moment in which their worker was buried.
    pub async fn orphans(&self, most: i64) -> Result<Vec<Held>> {
        let held = sql!("").push(HELD).push(
            " where held.held_until is null \
             and not exists (select 1 from job_workers where job_workers.id = held.worker) order by held.id limit ?",
        );
        self.db.all(held.bind(most)).await
    }

    /// Jobs that somebody outside holds, and has not been heard of in time.
    pub async fn overdue(&self, now: Timestamp, most: i64) -> Result<Vec<Held>> {
        let held = sql!("").push(HELD).push(" where held.held_until < ? order by held.id limit ?").bind(now);
        self.db.all(held.bind(most)).await
    }

    /// Which of its jobs were called off.
    pub async fn called_off(&self, worker: i64) -> Result<Vec<JobId>> {
        self.db.all(sql!("select id from job_held where worker = ? and cancelled = 1", worker)).await
    }

    /// How far a job has come; false when it is not held any more.
    pub async fn progress(&self, job: &Held, progress: &str) -> Result<bool> {
        let write =
            sql!("update job_held set progress = ? where claim = ? and id = ?", progress, job.claim, job.id);
        self.db.write(Batch::of_one(write)).await.unless_missed()
    }
}
