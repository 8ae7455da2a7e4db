//! What happens to jobs.

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::{JobId, UserId};

/// The topic of everything here.
pub const TOPIC: &str = "jobs";

/// A job is due, and waits for a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobQueued {
    /// Which one.
    pub id: JobId,
    /// Where it waits.
    pub lane: String,
    /// `high` or `normal`.
    pub priority: String,
    /// Whose; the house's own have no owner.
    pub owner: Option<UserId>,
}

impl Tell for JobQueued {
    const TOPIC: &'static str = TOPIC;
    const KIND: &'static str = "queued";
    fn key(&self) -> i64 {
        self.id.number()
    }
}
