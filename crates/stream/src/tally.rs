//! Counting by facts: a total that costs the same to read however many rows there are.

use std::sync::Arc;

use async_trait::async_trait;
use db::{Along, Db};
use types::Result;

use crate::{Consumer, Fact, store};

/// Keeps a total up to date: each fact adds what its kind weighs.
pub struct Tally {
    db: Db,
    name: &'static str,
    topic: &'static str,
    weigh: fn(&str) -> i64,
}

impl Tally {
    /// A total of this name, kept in this database beside the facts it counts.
    pub fn new(db: Db, name: &'static str, topic: &'static str, weigh: fn(&str) -> i64) -> Arc<Self> {
        Arc::new(Self { db, name, topic, weigh })
    }
}

#[async_trait]
impl Consumer for Tally {
    fn group(&self) -> &'static str {
        self.name
    }

    fn topic(&self) -> &'static str {
        self.topic
    }

    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let more: i64 = facts.iter().map(|fact| (self.weigh)(&fact.kind)).sum();
        Ok(self.db.write(store::add(self.name, more).along(along)).await?)
    }
}
