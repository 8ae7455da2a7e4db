//! What is over, in the database. Each is told by the moment of its last one: rows of one moment go together.

use db::{Batch, Db, Sql, sql};
use types::{Result, Timestamp};

/// How many are deleted at once.
const PORTION: i64 = 500;

/// What is over. Cheap to clone.
#[derive(Clone)]
pub struct SqlOver {
    db: Db,
}

impl SqlOver {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Deletes some sessions whose time was over before; how many were found. One that is renewed meanwhile has more time.
    pub async fn sessions(&self, before: Timestamp) -> Result<usize> {
        let old = sql!(
            "select expires_at from sessions where expires_at < ? order by expires_at limit ?",
            before,
            PORTION
        );
        self.clear(old, |last| sql!("delete from sessions where expires_at <= ?", last)).await
    }

    /// The same of endings that no token can need.
    pub async fn endings(&self, before: Timestamp) -> Result<usize> {
        let old = sql!(
            "select expires_at from endings where expires_at < ? order by expires_at limit ?",
            before,
            PORTION
        );
        self.clear(old, |last| sql!("delete from endings where expires_at <= ?", last)).await
    }

    /// The same of codes.
    pub async fn codes(&self, before: Timestamp) -> Result<usize> {
        let old = sql!(
            "select expires_at from codes where expires_at < ? order by expires_at limit ?",
            before,
            PORTION
        );
        self.clear(old, |last| sql!("delete from codes where expires_at <= ?", last)).await
    }

    async fn clear(&self, old: Sql, upto: fn(i64) -> Sql) -> Result<usize> {
        let old: Vec<i64> = self.db.all(old).await?;
        let Some(last) = old.last() else { return Ok(0) };
        self.db.write(Batch::new().any(upto(*last))).await?;
        Ok(old.len())
    }
}
