//! Counting by facts: a total that costs the same to read however many rows there are.

use std::sync::Arc;

use async_trait::async_trait;
use db::{Along, Db};
use types::Result;

use crate::{Consumer, Fact, store};

/// Keeps a total up to date: each fact adds what it weighs.
pub struct Tally {
    db: Db,
    name: &'static str,
    topic: &'static str,
    weigh: Box<dyn Fn(&Fact) -> i64 + Send + Sync>,
}

impl Tally {
    /// A total of this name, kept in this database beside the facts it counts.
    pub fn new(db: Db, name: &'static str, topic: &'static str, weigh: fn(&str) -> i64) -> Arc<Self> {
        Self::weighing(db, name, topic, move |fact| weigh(&fact.kind))
    }

    /// A total of facts that weigh by what they say, and not by their kind alone.
    pub fn weighing(
        db: Db,
        name: &'static str,
        topic: &'static str,
        weigh: impl Fn(&Fact) -> i64 + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { db, name, topic, weigh: Box::new(weigh) })
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
        let more: i64 = facts.iter().map(|fact| (self.weigh)(fact)).sum();
        Ok(self.db.write(store::add(self.name, more).along(along)).await?)
    }
}
