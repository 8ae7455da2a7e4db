//! Facts for readers that keep a place of their own, and how long they are kept.

use db::{Batch, Result, sql};
use types::Timestamp;

use super::Facts;
use crate::Fact;

/// How many facts are deleted at once.
const SWEPT: i64 = 500;

impl Facts {
    /// The topic's facts of one key with these numbers, in order.
    pub async fn of_key(
        &self,
        topic: &str,
        key: i64,
        after: i64,
        upto: i64,
        limit: i64,
    ) -> Result<Vec<Fact>> {
        let facts = sql!(
            "select number, id, topic, order_key, kind, body, created_at from facts \
             where order_key = ? and number > ? and number <= ? and topic = ? order by number limit ?",
            key,
            after,
            upto,
            topic,
            limit
        );
        self.db.all(facts).await
    }

    /// Whom the facts with these numbers are about: topics and keys.
    pub async fn keys(&self, after: i64, upto: i64) -> Result<Vec<(String, i64)>> {
        let keys = sql!(
            "select topic, order_key from facts where number > ? and number <= ? order by number",
            after,
            upto
        );
        self.db.all(keys).await
    }

    /// The number up to which facts may have been deleted.
    pub async fn swept(&self) -> Result<i64> {
        self.total("facts.swept").await
    }

    /// Deletes the oldest facts, if every group has passed them and they are older than this; how many.
    pub async fn sweep(&self, before: Timestamp) -> Result<usize> {
        // Groups of other processes on this database too. A group that is given up for good has its row deleted.
        let passed: Option<Option<i64>> = self.db.first(sql!("select min(position) from positions")).await?;
        // The newest one stays: an engine that numbers rows itself goes on from the highest that is there.
        let newest = self.newest().await? - 1;
        let passed = passed.flatten().map_or(newest, |passed| passed.min(newest));
        let oldest = sql!(
            "select number, created_at from facts where number <= ? order by number limit ?",
            passed,
            SWEPT
        );
        let oldest: Vec<(i64, Timestamp)> = self.db.all(oldest).await?;
        let old = oldest.iter().take_while(|(_, created_at)| *created_at < before).count();
        let Some((last, _)) = old.checked_sub(1).map(|at| oldest[at]) else { return Ok(0) };
        let delete = sql!("delete from facts where number <= ?", last);
        let moved =
            sql!("update counters set value = ? where name = 'facts.swept' and value < ?", last, last);
        self.db.write(Batch::new().any(delete).any(moved)).await?;
        Ok(old)
    }
}
