//! How far facts of other databases have been copied.

use db::{Batch, Result, Value, sql};

use super::{Facts, Place, happened};
use crate::kafka::{Age, LAID};

/// Whose rows in `positions` say so. Their numbers are those of the sender, and keep nothing here from being deleted.
pub const FERRY: &str = "ferry";

impl Facts {
    /// Where the facts of this topic come from: from this database, unless it was another before.
    pub async fn sender(&self, topic: &str, first: i64) -> Result<i64> {
        let name = format!("{FERRY}.{topic}");
        let insert = sql!(
            "insert into counters (name, value) values (?, ?) on conflict (name) do nothing",
            name.as_str(),
            first
        );
        if self.total(&name).await? == 0 {
            self.db.write(Batch::new().any(insert)).await?;
        }
        self.total(&name).await
    }

    /// Lays an age, anew if there was one of so many partitions; false when another was laid meanwhile.
    pub async fn lay(&self, place: Place, laid: i64, age: &Age) -> Result<bool> {
        let Place { consumer, topic } = place;
        let first = sql!(
            "insert into positions (consumer, topic, part, position) values (?, ?, ?, 0) \
             on conflict (consumer, topic, part) do nothing",
            consumer,
            topic,
            LAID
        );
        let before = sql!(
            "delete from positions where consumer = ? and topic = ? and part >= ? and part < ?",
            consumer,
            topic,
            age.first_row(),
            age.end()
        );
        let row =
            |(row, value)| vec![Value::from(consumer), topic.into(), Value::Int(row), Value::Int(value)];
        let rows = age.rows().map(row).collect();
        let batch = Batch::new().any(first).and(place.step(LAID, laid, laid + 1)).any(before);
        let batch = batch.bulk("insert into positions (consumer, topic, part, position) values", rows);
        happened(self.db.write(batch).await)
    }
}
