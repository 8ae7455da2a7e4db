//! Follows the facts about tasks, and keeps when each task last changed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::Along;
use serde::Deserialize;
use stream::{Consumer, Fact};
use types::facts::Tell;
use types::facts::tasks::{TOPIC, TaskDeleted, TasksDeleted};
use types::{Error, Result, TaskId, UserId};

use super::{Changed, SqlChanges};

/// How long a deletion is remembered.
const REMEMBERED: Duration = Duration::from_hours(90 * 24);

/// The group that follows.
pub struct Follower {
    store: SqlChanges,
}

impl Follower {
    /// In this store.
    pub fn new(store: SqlChanges) -> Arc<Self> {
        Arc::new(Self { store })
    }
}

/// Any fact about tasks: they tell of one or of many.
#[derive(Deserialize)]
struct Told {
    owner: UserId,
    id: Option<TaskId>,
    #[serde(default)]
    ids: Vec<TaskId>,
}

#[async_trait]
impl Consumer for Follower {
    fn group(&self) -> &'static str {
        "tasks.changes"
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let Some(newest) = facts.last() else { return Ok(()) };
        let mut last = HashMap::new();
        for fact in facts {
            let Told { owner, id, ids } = serde_json::from_str(&fact.body).map_err(|error| {
                Error::internal_by(format!("fact {} does not tell of tasks", fact.number), error)
            })?;
            let gone = [TaskDeleted::KIND, TasksDeleted::KIND].contains(&fact.kind.as_str());
            let gone_at = gone.then_some(fact.created_at);
            for id in ids.into_iter().chain(id) {
                last.insert((owner, id), Changed { owner, id, number: fact.number, gone_at });
            }
        }
        let forget = newest.created_at.minus(REMEMBERED);
        self.store.follow(last.into_values().collect(), newest.number, forget, along).await
    }
}
