//! Kinds of jobs, and who does them.

use std::time::Duration;

use async_trait::async_trait;
use types::Result;

use crate::running::Running;
use crate::{Backoff, Every};

/// What is the same for all jobs of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name, the same for ever.
    pub name: &'static str,
    /// How often one is tried, and how long it rests between.
    pub backoff: Backoff,
    /// How long one may take; after that it is let go of, and has failed.
    pub patience: Duration,
    /// How many may run at once in all processes together.
    pub most: Option<u32>,
}

impl Kind {
    /// A kind of this name that is tried as often, and may take as long, as is usual.
    pub const fn new(name: &'static str) -> Self {
        Self { name, backoff: Backoff::USUAL, patience: Duration::from_mins(1), most: None }
    }

    /// The same, but so many may run at once.
    #[must_use]
    pub const fn at_most(self, most: u32) -> Self {
        Self { most: Some(most), ..self }
    }

    /// The same, but one may take so long.
    #[must_use]
    pub const fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same, but tried like this.
    #[must_use]
    pub const fn tried(self, backoff: Backoff) -> Self {
        Self { backoff, ..self }
    }
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It is done, and this came of it, as JSON.
    With(String),
    /// It failed and may do better later, but not before this long.
    Again {
        /// Why, for whoever asks.
        why: String,
        /// How long at least.
        after: Duration,
    },
    /// It failed, and would again.
    Never(String),
}

/// Who does the jobs of a kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Which kind.
    fn kind(&self) -> Kind;

    /// When one is put in by itself, if ever. One that still waits stands for those that come meanwhile.
    fn every(&self) -> Option<Every> {
        None
    }

    /// Does it. What it writes goes with [`Running::acknowledge`] in one commit, and so happens once; a handler that writes
    /// nothing leaves that to the worker. An error is a failure that may pass. It may be dropped at any await: when it
    /// takes too long, is cancelled, or the process ends.
    async fn run(&self, job: &Running) -> Result<Outcome>;
}
