//! Chores: what a house clears away by the clock, a portion at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use types::{Error, Result};

use crate::{Backoff, Every, Handler, Kind, Outcome, Running};

/// How often a chore is tried before it waits for its next time.
const TRIED: Backoff = Backoff { attempts: 3, base: Duration::from_secs(30), cap: Duration::from_mins(5) };
/// How long one may take that has years to catch up with.
const PATIENCE: Duration = Duration::from_hours(1);
/// After how many portions it is noted how far it has come.
const NOTED: usize = 64;

/// A handler that clears portions away until none is left.
pub struct Chore {
    kind: Kind,
    every: Every,
    portion: Box<dyn Fn() -> BoxFuture<'static, Result<usize>> + Send + Sync>,
}

impl Chore {
    /// A chore of this name at these times, as cron writes them. `portion` clears a little away, in a short write of its
    /// own, and says how many there were; none when nothing is left.
    pub fn of<F>(
        name: &'static str,
        cron: &'static str,
        portion: impl Fn() -> F + Send + Sync + 'static,
    ) -> Arc<dyn Handler>
    where
        F: Future<Output = Result<usize>> + Send + 'static,
    {
        let kind = Kind::new(name).tried(TRIED).within(PATIENCE);
        Arc::new(Self { kind, every: Every::at(cron), portion: Box::new(move || portion().boxed()) })
    }

    /// Clears away until nothing is left; how many there were.
    async fn clear(&self, job: &Running) -> Result<usize> {
        let (mut gone, mut portions) = (0, 0);
        loop {
            match (self.portion)().await? {
                0 => return Ok(gone),
                more => gone += more,
            }
            portions += 1;
            if portions % NOTED == 0 && !job.progress(&told(gone)).await? {
                return Err(Error::Stale);
            }
            // Whoever else writes goes in between.
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Handler for Chore {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn every(&self) -> Option<Every> {
        Some(self.every)
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        match self.clear(job).await {
            Ok(0) => Ok(Outcome::Done),
            Ok(gone) => Ok(Outcome::With(told(gone))),
            Err(error) => {
                let cause = &error as &dyn std::error::Error;
                tracing::warn!(error = cause, chore = self.kind.name, "a chore could not be done, and waits");
                Err(error)
            }
        }
    }
}

fn told(gone: usize) -> String {
    format!("{{\"gone\":{gone}}}")
}
