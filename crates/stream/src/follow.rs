//! All new facts of a topic in the order of their numbers, for one in this process who hands them on to many.
//!
//! Facts of one key that were committed almost at once may be numbered in another order than they were committed in, but
//! then they were numbered together. What is read here ends where numbering ended, so that whoever orders the facts of
//! such a step anew needs no other step for it.

use std::time::Duration;

use types::Result;

use crate::Fact;
use crate::feed::Feed;
use crate::store::Facts;
use crate::wake::{Bell, Listener};

/// Numbers of a step at the most.
const AT_ONCE: i64 = 2_000;
/// After a ring, a moment for more to come.
const LINGER: Duration = Duration::from_millis(2);
/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// Facts that were read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// They come after this number.
    pub after: i64,
    /// There are no others up to this one.
    pub upto: i64,
    /// In the order of their numbers.
    pub facts: Vec<Fact>,
}

/// One who follows a topic.
pub struct Follow {
    facts: Facts,
    topic: &'static str,
    listener: Listener,
    seen: i64,
}

impl Follow {
    pub(crate) fn new(facts: Facts, topic: &'static str, readable: &Bell) -> Self {
        Self { facts, topic, listener: readable.listener(), seen: 0 }
    }

    /// Begins anew, behind the newest fact there is; its number.
    pub async fn begin(&mut self) -> i64 {
        loop {
            match self.facts.newest().await {
                Ok(newest) => {
                    self.seen = newest;
                    return newest;
                }
                Err(error) => put_off(&error).await,
            }
        }
    }

    /// Waits for what comes next. Nothing is lost when this is dropped meanwhile.
    pub async fn next(&mut self) -> Step {
        let look = self.facts.look();
        loop {
            match step(&self.facts, self.topic, self.seen, i64::MAX).await {
                Ok(Some(step)) => {
                    self.seen = step.upto;
                    return step;
                }
                Ok(None) => {
                    self.listener.wait(look).await;
                    tokio::time::sleep(LINGER).await;
                }
                Err(error) => put_off(&error).await,
            }
        }
    }
}

impl Feed {
    /// The facts of all keys after this number, as far as one step goes, and not beyond that number. None when some of
    /// them may be gone.
    pub async fn step(&self, after: i64, upto: i64) -> Result<Option<Step>> {
        let read = step(self.facts(), self.topic(), after, upto).await?;
        // Looked at last: what was swept while they were read is missing among them.
        let swept = self.facts().swept().await?;
        let nothing = || Step { after, upto, facts: Vec::new() };
        Ok((after >= swept).then(|| read.unwrap_or_else(nothing)))
    }
}

/// What comes after this number; none when there is nothing yet.
async fn step(facts: &Facts, topic: &str, after: i64, most: i64) -> db::Result<Option<Step>> {
    let upto = facts.newest().await?.min(after + AT_ONCE).min(most);
    if upto <= after {
        return Ok(None);
    }
    Ok(Some(Step { after, upto, facts: facts.between(topic, after, upto).await? }))
}

async fn put_off(error: &db::Error) {
    tracing::warn!(error = %error, "new facts cannot be read, and wait");
    tokio::time::sleep(REST).await;
}
