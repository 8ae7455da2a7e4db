//! Writing down what came of jobs: many in one commit.

use std::any::Any;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{error::Elapsed, sleep};
use types::{Result, Timestamp, with_causes};

use super::REST;
use super::shift::{Leave, Shift};
use crate::job::State;
use crate::running::{Held, Running};
use crate::store::{self, Failure, Fate};
use crate::{Kind, Outcome};

/// Results of one commit.
const PORTION: usize = 500;
/// Failures that are written at once.
const BESIDE: usize = 32;

/// How an attempt ended.
#[derive(Debug)]
pub enum End {
    /// The handler said so.
    Said(Outcome),
    /// It failed.
    Failed(String),
    /// It took too long.
    TimedOut,
    /// It was let go of.
    Left(Leave),
}

impl End {
    /// What a handler came to, in its time or not, without falling over or with.
    pub fn of(came: Result<Result<Result<Outcome>, Elapsed>, Box<dyn Any + Send>>) -> Self {
        match came {
            Ok(Ok(Ok(outcome))) => Self::Said(outcome),
            Ok(Ok(Err(error))) => Self::Failed(with_causes(&error)),
            Ok(Err(_)) => Self::TimedOut,
            Err(_) => Self::Failed("the handler panicked".into()),
        }
    }
}

/// A job whose attempt has ended.
pub struct Ended {
    /// Which one.
    pub running: Running,
    /// Its kind.
    pub kind: Kind,
    /// How.
    pub end: End,
}

/// Writes down how jobs ended, for as long as it is polled. Room is made for others when that is durable.
pub async fn write(shift: Shift, mut ends: mpsc::Receiver<(Ended, OwnedSemaphorePermit)>) {
    let mut came = Vec::with_capacity(PORTION);
    while ends.recv_many(&mut came, PORTION).await > 0 {
        let (mut done, mut others) = (Vec::new(), Vec::new());
        for (ended, permit) in came.drain(..) {
            if ended.running.is_acknowledged() {
                continue;
            }
            let list = if matches!(ended.end, End::Said(Outcome::Done)) { &mut done } else { &mut others };
            list.push((ended, permit));
        }
        shift.all_done(&done).await;
        for part in others.chunks(BESIDE) {
            join_all(part.iter().map(|(ended, _)| shift.one(ended))).await;
        }
    }
}

impl Shift {
    /// Writes that these are done.
    async fn all_done(&self, ended: &[(Ended, OwnedSemaphorePermit)]) {
        let mut all: Vec<&Held> = ended.iter().map(|(ended, _)| &ended.running.held).collect();
        if all.is_empty() {
            return;
        }
        all.sort_unstable_by_key(|held| held.claim);
        let at = self.queue.clock.now();
        let steps = || {
            all.chunk_by(|a, b| a.claim == b.claim)
                .flat_map(|run| run.first().map_or_else(Vec::new, |first| store::done(first.claim, run, at)))
                .collect()
        };
        if !self.insist(|| self.queue.store.finish(steps())).await {
            // One of them is another's by now; the others are ours.
            for held in all {
                self.insist(|| self.queue.store.finish(store::done(held.claim, &[held], at))).await;
            }
        }
    }

    /// Writes how one ended. Whatever is another's by now is left to that one.
    async fn one(&self, ended: &Ended) {
        let held = &ended.running.held;
        let at = self.queue.clock.now();
        match verdict(ended, at) {
            Verdict::With(result) => {
                self.insist(|| self.queue.store.finish(store::done_with(held, result, at))).await;
            }
            Verdict::Failed(failure) => {
                self.insist(|| self.queue.store.fail(held, failure)).await;
            }
            Verdict::GivenBack => {
                self.insist(|| self.queue.store.release(held)).await;
                self.queue.put.ring();
            }
        }
    }

    /// Writes until the database takes it. Meanwhile the lease may end, and then it refuses.
    async fn insist<F: Future<Output = db::Result<bool>>>(&self, write: impl Fn() -> F) -> bool {
        loop {
            match write().await {
                Ok(written) => return written,
                Err(error) => {
                    tracing::warn!(error = %error, "what came of jobs could not be written down yet");
                    sleep(REST).await;
                }
            }
        }
    }
}

enum Verdict<'e> {
    With(&'e str),
    Failed(Failure<'e>),
    GivenBack,
}

/// What is to be written about an attempt.
fn verdict(ended: &Ended, at: Timestamp) -> Verdict<'_> {
    let again = |least| ended.running.held.goes_on(&ended.kind.backoff, least, at);
    let failed = |outcome, error, fate| Verdict::Failed(Failure { outcome, error, fate, at, overdue: None });
    match &ended.end {
        End::Said(Outcome::Done) => Verdict::With("null"),
        End::Said(Outcome::With(result)) => Verdict::With(result),
        End::Said(Outcome::Again { why, after }) => failed("failed", Some(why.as_str()), again(*after)),
        End::Said(Outcome::Never(why)) => failed("failed", Some(why.as_str()), Fate::Over(State::Dead)),
        End::Failed(why) => failed("failed", Some(why.as_str()), again(Duration::ZERO)),
        End::TimedOut => failed("timed_out", Some("it took too long"), again(Duration::ZERO)),
        End::Left(Leave::CalledOff) => failed("cancelled", None, Fate::Over(State::Cancelled)),
        End::Left(Leave::Stopping) => Verdict::GivenBack,
    }
}
