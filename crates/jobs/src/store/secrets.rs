//! The numbers of secrets.

use db::{Batch, Result, UnlessMissed, sql};
use types::{Timestamp, UserId};

use super::SqlJobs;

impl SqlJobs {
    /// The number of a person's secret, and since when it is that.
    pub async fn secret(&self, owner: UserId) -> Result<(i64, Timestamp)> {
        let number = sql!("select number, changed_at from webhook_secrets where owner_id = ?", owner);
        Ok(self.db.first(number).await?.unwrap_or((1, Timestamp::default())))
    }

    /// Counts it up to this; false when it was not one less.
    pub async fn next_secret(&self, owner: UserId, number: i64, now: Timestamp) -> Result<bool> {
        let first = sql!(
            "insert into webhook_secrets (owner_id, number, changed_at) values (?, 1, 0) on conflict (owner_id) do nothing",
            owner
        );
        let next = sql!(
            "update webhook_secrets set number = ?, changed_at = ? where owner_id = ? and number = ?",
            number,
            now,
            owner,
            number - 1
        );
        self.db.write(Batch::new().any(first).one(next)).await.unless_missed()
    }
}
