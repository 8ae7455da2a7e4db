//! What happens to jobs.

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::JobId;

/// The topic of everything here.
pub const TOPIC: &str = "jobs";

/// Jobs are due, and wait for a worker. Told where they go by a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsQueued {
    /// Which ones, at most 500 of them.
    pub ids: Vec<JobId>,
    /// Where they wait.
    pub lane: String,
    /// `high` or `normal`.
    pub priority: String,
}

impl Tell for JobsQueued {
    const TOPIC: &'static str = TOPIC;
    const KIND: &'static str = "queued";
    fn key(&self) -> i64 {
        self.ids.first().map_or(0, |id| id.number())
    }
}
