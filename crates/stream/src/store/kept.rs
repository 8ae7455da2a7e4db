//! Facts for readers that keep a place of their own, and how long they are kept.

use db::{Batch, Result, sql};
use types::Timestamp;

use super::{FERRY, Facts, happened};
use crate::Fact;
use crate::standing::PASSED;

/// How many facts are deleted at once.
const SWEPT: i64 = 500;
/// Numbers of a run; it is called by the last of them.
const RUN: i64 = 4_096;
/// Runs looked into at once.
const RUNS: usize = 10;

impl Facts {
    /// The topic's facts of one key with these numbers, in order, so many at the most.
    pub async fn of_key(
        &self,
        topic: &str,
        key: i64,
        after: i64,
        upto: i64,
        limit: i64,
    ) -> Result<Vec<Fact>> {
        let keyed = self.keyed().await?;
        let runs: Vec<i64> = (after / RUN + 1..=keyed.min(upto + RUN) / RUN).map(|run| run * RUN).collect();
        let mut facts = Vec::new();
        let left = |facts: &[Fact]| limit.saturating_sub_unsigned(facts.len() as u64);
        for part in runs.chunks(RUNS) {
            if left(&facts) == 0 {
                return Ok(facts);
            }
            let found = sql!(
                "select f.number, f.id, f.topic, f.order_key, f.kind, f.body, f.created_at \
                 from fact_keys k cross join facts f where f.number = k.number and k.run in "
            )
            .within(part.iter().copied())
            .push(" and k.order_key = ? and k.number > ?")
            .bind(key)
            .bind(after)
            .push(" and k.number <= ? and f.topic = ? order by k.run, k.number limit ?")
            .bind(upto)
            .bind(topic)
            .bind(left(&facts));
            facts.extend(self.db.all::<Fact>(found).await?);
        }
        let rest = sql!(
            "select number, id, topic, order_key, kind, body, created_at from facts \
             where number > ? and number <= ? and order_key = ? and topic = ? order by number limit ?",
            after.max(keyed),
            upto,
            key,
            topic,
            left(&facts)
        );
        facts.extend(self.db.all::<Fact>(rest).await?);
        Ok(facts)
    }

    /// Adds a run, once there are enough facts for it; false when there are not.
    pub async fn key_run(&self) -> Result<bool> {
        let keyed = self.keyed().await?;
        let upto = keyed + RUN;
        if self.newest().await? < upto {
            return Ok(false);
        }
        let moved =
            sql!("update counters set value = ? where name = 'facts.keyed' and value = ?", upto, keyed);
        // Sorted: rows that come in the order in which they lie fill page after page, and touch no other.
        let keys = sql!(
            "insert into fact_keys (run, order_key, number) select c.value, f.order_key, f.number \
             from counters c cross join facts f where c.name = 'facts.keyed' and f.number > ? and f.number <= ? \
             order by f.order_key, f.number",
            keyed,
            upto
        );
        // When it had happened already, somebody else did it.
        happened(self.db.write(Batch::new().one(moved).any(keys)).await)?;
        Ok(true)
    }

    /// The number up to which there are runs.
    async fn keyed(&self) -> Result<i64> {
        self.total("facts.keyed").await
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
        let passed = self.passed().await?;
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
        let keys = sql!("delete from fact_keys where run <= ?", last);
        self.db.write(Batch::new().any(delete).any(keys).any(moved)).await?;
        Ok(old)
    }

    /// The number up to which no group has anything before it.
    async fn passed(&self) -> Result<i64> {
        // The newest one stays: an engine that numbers rows itself goes on from the highest that is there.
        let mut passed = self.newest().await? - 1;
        // Groups of other processes on this database too. A group that is given up for good has its row deleted.
        let places = sql!(
            "select topic, min(position) from positions where consumer <> ? group by consumer, topic",
            FERRY
        );
        for (topic, position) in self.db.all::<(String, i64)>(places).await? {
            // A group writes where it is only now and then while its topic is silent.
            let upto = position + PASSED;
            let next = sql!(
                "select number from facts where number > ? and number <= ? and topic = ? order by number limit 1",
                position,
                upto,
                topic
            );
            let next: Option<i64> = self.db.first(next).await?;
            passed = passed.min(next.map_or(upto, |next| next - 1));
        }
        Ok(passed)
    }
}
