//! What happened since, for readers that keep a place of their own and come back with it.

use types::Result;

use crate::Fact;
use crate::store::Facts;
use crate::tail::{Tail, Watch};

/// The facts of one topic, to be read by key. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    facts: Facts,
    tail: Tail,
    topic: &'static str,
}

/// Facts of one key, and how far they reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// In the order of commits.
    pub facts: Vec<Fact>,
    /// Every number up to here has been given: what is not among the facts, unless they are as many as were asked for,
    /// did not happen to this key.
    pub head: i64,
}

impl Feed {
    pub(crate) const fn new(facts: Facts, tail: Tail, topic: &'static str) -> Self {
        Self { facts, tail, topic }
    }

    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(crate) const fn topic(&self) -> &'static str {
        self.topic
    }

    /// The last number given: whatever happens from now on has a higher one.
    pub async fn head(&self) -> Result<i64> {
        Ok(self.facts.newest().await?)
    }

    /// The key's facts after this number, so many at the most. None when some of them may be gone, or when the number
    /// was never given here.
    pub async fn since(&self, key: i64, after: i64, limit: i64) -> Result<Option<News>> {
        let head = self.head().await?;
        if after > head {
            return Ok(None);
        }
        let facts = self.facts.of_key(self.topic, key, after, head, limit).await?;
        // Looked at last: what was swept while they were read is missing among them.
        let swept = self.facts.swept().await?;
        Ok((after >= swept).then_some(News { facts, head }))
    }

    /// Tells from now on when there are facts of this key. Look at what there is after this, not before.
    pub fn watch(&self, key: i64) -> Result<Watch> {
        self.tail.watch(self.topic, key)
    }
}
