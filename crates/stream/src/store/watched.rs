//! How far groups have come, and what they have set aside, for whoever watches over them.

use db::{Result, sql};
use types::Timestamp;

use super::{Facts, Place};
use crate::Parked;

/// Numbers that are looked at one by one: a group passes fewer than these without writing its position.
const NEAR: i64 = 16_384;
/// Parked facts that are counted.
const COUNTED: i64 = 10_000;

impl Facts {
    /// How many facts the group still has before it, and when the oldest was told.
    pub async fn ahead(&self, place: Place) -> Result<(i64, Option<Timestamp>)> {
        // A group that is new may begin before the oldest fact there is.
        let passed = self.written(place).await?.unwrap_or(0).max(self.swept().await?);
        let newest = self.newest().await?;
        let near = newest.min(passed + NEAR);
        let counted = sql!(
            "select count(*), min(created_at) from facts where number > ? and number <= ? and topic = ?",
            passed,
            near,
            place.topic
        );
        let (facts, oldest): (i64, Option<Timestamp>) =
            self.db.scan(counted).await?.pop().unwrap_or((0, None));
        if near >= newest {
            return Ok((facts, oldest));
        }
        let next = sql!("select created_at from facts where number > ? order by number limit 1", near);
        let oldest = if oldest.is_some() { oldest } else { self.db.first(next).await? };
        Ok((facts + newest - near, oldest))
    }

    /// The groups that have set something aside.
    pub async fn parking(&self) -> Result<Vec<String>> {
        let mut groups: Vec<String> = Vec::new();
        loop {
            let last = groups.last().map_or("", String::as_str);
            let next =
                sql!("select consumer from parked_facts where consumer > ? order by consumer limit 1", last);
            match self.db.first(next).await? {
                Some(group) => groups.push(group),
                None => return Ok(groups),
            }
        }
    }

    /// What the group has set aside after this number, in order, so many at the most.
    pub async fn parked_of(&self, group: &str, after: i64, limit: i64) -> Result<Vec<Parked>> {
        let parked = sql!(
            "select number, id, topic, order_key, kind, body, created_at, consumer, error, parked_at \
             from parked_facts where consumer = ? and number > ? order by number limit ?",
            group,
            after,
            limit
        );
        self.db.all(parked).await
    }

    /// How many facts the group has set aside.
    pub async fn parked_by(&self, group: &str) -> Result<i64> {
        let count = sql!(
            "select count(*) from (select number from parked_facts where consumer = ? limit ?) as counted",
            group,
            COUNTED
        );
        Ok(self.db.first(count).await?.unwrap_or(0))
    }
}
