//! Facts that could not be handled.

use types::{Result, Timestamp};

use crate::{Fact, Stream};

/// A fact set aside by one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The group.
    pub consumer: String,
    /// The fact.
    pub fact: Fact,
    /// Why, for an engineer.
    pub error: String,
    /// When.
    pub parked_at: Timestamp,
}

impl Stream {
    /// The groups that have set something aside, also those that nobody runs any more.
    pub async fn parking(&self) -> Result<Vec<String>> {
        Ok(self.facts().parking().await?)
    }

    /// What the group has set aside after this number, in order, so many at the most.
    pub async fn parked_of(&self, group: &str, after: i64, limit: i64) -> Result<Vec<Parked>> {
        Ok(self.facts().parked_of(group, after, limit).await?)
    }

    /// How many facts the group has set aside; nobody counts further than 10,000.
    pub async fn parked_by(&self, group: &str) -> Result<i64> {
        Ok(self.facts().parked_by(group).await?)
    }
}
