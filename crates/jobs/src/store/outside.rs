//! Jobs that somebody outside holds.

use db::{Batch, FromRow, Result, Row, UnlessMissed, sql};
use types::{JobId, Timestamp, UserId};

use super::{HELD, SqlJobs};
use crate::running::Held;

/// A job in the hands of somebody outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// Who holds it, and since when.
    pub held: Held,
    /// Whether it was called off.
    pub is_called_off: bool,
}

impl SqlJobs {
    /// A person's job that is held outside by this claim.
    pub async fn lent(&self, owner: UserId, id: JobId, claim: i64) -> Result<Option<Lent>> {
        let held = sql!("")
            .push(HELD)
            .push(
                " where held.id = ? and held.claim = ? and held.owner_id = ? and held.held_until is not null",
            )
            .bind(id)
            .bind(claim)
            .bind(owner);
        self.db.first(held).await
    }

    /// Lends a job for longer, with how far it has come, as JSON; false when it is not held any more.
    pub async fn lend_on(&self, job: &Held, until: Timestamp, progress: Option<&str>) -> Result<bool> {
        let write = sql!("update job_held set held_until = ?", until)
            .opt(", progress = ?", progress)
            .push(" where id = ? and claim = ?")
            .bind(job.id)
            .bind(job.claim);
        self.db.write(Batch::of_one(write)).await.unless_missed()
    }
}

impl FromRow for Lent {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { held: Held::from_row(row)?, is_called_off: row.get::<i64>(9)? == 1 })
    }
}
