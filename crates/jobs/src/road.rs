//! Jobs that come to their workers by a broker: told of in topic `jobs` by whoever puts them in, taken by their ids by whoever
//! hears of them. The table stays the truth: what is not taken within a moment is found there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use db::Along;
use stream::{Consumer, Fact, Teller, Telling};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;
use types::facts::jobs::{JobsQueued, TOPIC};
use types::{JobId, Result, Timestamp};

use crate::job::{Draft, Priority};

/// Arrivals that wait for a worker: whoever brings more waits too, and the broker keeps the rest.
const WAITING: usize = 16;
/// How long they wait at the most. Nobody works here, or all hands are full: others find them in the table.
const PATIENCE: Duration = Duration::from_secs(5);
/// Jobs of one fact.
const TOLD: usize = 500;

/// Jobs that have come.
#[derive(Debug)]
pub struct Arrival {
    /// Where they wait.
    pub lane: String,
    /// Who goes first.
    pub priority: Priority,
    /// Which ones.
    pub ids: Vec<JobId>,
}

/// The way that jobs take. Cheap to clone.
#[derive(Clone)]
pub struct Road {
    /// There when what is put in is told of.
    teller: Option<Teller>,
    come: mpsc::Sender<Arrival>,
    taken: Arc<Mutex<mpsc::Receiver<Arrival>>>,
    /// How many jobs were taken by it, and not found in the table.
    count: Arc<AtomicU64>,
}

impl Default for Road {
    /// One that nothing is told on; what still comes on it is taken.
    fn default() -> Self {
        let (come, taken) = mpsc::channel(WAITING);
        Self { teller: None, come, taken: Arc::new(Mutex::new(taken)), count: Arc::default() }
    }
}

impl Road {
    /// The same, with this to tell of what is put in.
    pub fn told_by(self, teller: Teller) -> Self {
        Self { teller: Some(teller), ..self }
    }

    /// Whether what is put in is told of.
    pub const fn is_used(&self) -> bool {
        self.teller.is_some()
    }

    /// The facts that tell of those that are due, and are for workers of the house.
    pub fn tell(&self, jobs: &[(JobId, Draft)], now: Timestamp) -> Result<Vec<Telling>> {
        let Some(teller) = &self.teller else { return Ok(Vec::new()) };
        let mut lanes: BTreeMap<(String, Priority), Vec<JobId>> = BTreeMap::new();
        for (id, draft) in jobs.iter().filter(|(_, draft)| draft.is_due(now) && draft.queue.is_none()) {
            lanes.entry((draft.lane(), draft.priority)).or_default().push(*id);
        }
        let facts = lanes.into_iter().flat_map(|((lane, priority), ids)| {
            let of = |ids: &[JobId]| JobsQueued {
                ids: ids.to_vec(),
                lane: lane.clone(),
                priority: priority.name().to_owned(),
            };
            ids.chunks(TOLD).map(of).collect::<Vec<_>>()
        });
        facts.map(|fact| teller.tell(&fact)).collect()
    }

    /// Counts jobs that were taken by it.
    pub fn counts(&self, jobs: usize) {
        self.count.fetch_add(jobs as u64, Ordering::Relaxed);
    }

    /// How many were.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The next that have come.
    pub async fn next(&self) -> Option<Arrival> {
        self.taken.lock().await.recv().await
    }
}

/// Hears of jobs, and brings them to the workers of this process.
pub struct Porter(pub Road);

#[async_trait]
impl Consumer for Porter {
    fn group(&self) -> &'static str {
        "jobs.workers"
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    async fn handle(&self, facts: &[Fact], _along: Along) -> Result<()> {
        for fact in facts {
            let Some(JobsQueued { ids, lane, priority }) = fact.read()? else { continue };
            let Some(priority) = Priority::named(&priority) else { continue };
            let come = self.0.come.send(Arrival { lane, priority, ids });
            if timeout(PATIENCE, come).await.is_err() {
                tracing::debug!(fact = fact.number, "nobody is free for the jobs that have come");
            }
        }
        Ok(())
    }
}
