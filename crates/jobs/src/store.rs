//! Jobs in the database.

mod asking;
mod calling;
mod claiming;
mod counting;
mod ending;
mod explaining;
mod keys;
mod lanes;
mod leases;
mod leaving;
mod numbers;
mod outside;
mod promoting;
mod putting;
mod reading;
mod results;
mod scheduling;
mod secrets;
mod sweeping;
mod timing;

use cache::Cache;
use db::{Along, Batch, Db, Result};
use stream::Afar;

pub use claiming::{Claim, Claimed};
pub use counting::Counts;
pub use ending::{Failure, Fate, done, done_with};
#[cfg(test)]
pub use explaining::Holder;
pub use explaining::{Around, COUNTED, Worker};
pub use leases::Signed;
pub use outside::Lent;
pub use putting::put;
pub use reading::{Filter, Seen};
pub use sweeping::Passed;

/// Jobs at work with what a [`Held`](crate::running::Held) is read from, and last whether each was called off.
const HELD: &str = "select held.id, held.claim, held.lane, held.priority, held.owner_id, jobs.unique_key, held.attempt, \
     jobs.attempts, held.started_at, held.cancelled from job_held held join jobs on jobs.id = held.id";

/// How many jobs one statement is about at the most.
const LISTED: usize = 100;

/// The tables. Cheap to clone.
#[derive(Clone)]
pub struct SqlJobs {
    db: Db,
}

impl SqlJobs {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database itself.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Writes what comes along with nothing else.
    pub async fn write(&self, along: Along) -> Result<()> {
        self.db.write(Batch::new().along(along)).await
    }

    /// By what its processes wake each other.
    pub fn afar(&self, cache: &Cache) -> Option<Afar> {
        Afar::by(&self.db, cache)
    }

    /// Whether nobody but this process works here.
    pub const fn have_one_process(&self) -> bool {
        self.db.is_sole()
    }
}
