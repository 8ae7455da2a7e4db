//! Jobs in the database.

mod calling;
mod claiming;
mod counting;
mod ending;
mod explaining;
mod lanes;
mod leases;
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
pub use reading::Filter;
pub use sweeping::Passed;

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
