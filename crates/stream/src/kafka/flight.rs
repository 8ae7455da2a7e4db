//! What was handed to the client library and is not acknowledged yet.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::error::KafkaError;
use tokio::sync::Notify;

/// Records under way, in the order of numbers.
#[derive(Default)]
pub struct Flight {
    chunks: VecDeque<Arc<Chunk>>,
    tower: Arc<Tower>,
    records: usize,
}

/// Records that stand for a range of numbers: when the last has landed, all up to its end is published.
pub struct Chunk {
    upto: i64,
    facts: usize,
    records: usize,
    /// Whether each partition has a record with that number, or a later one, when it has landed.
    is_said_to_all: bool,
    left: AtomicUsize,
    tower: Arc<Tower>,
}

#[derive(Default)]
struct Tower {
    news: Notify,
    failed: Mutex<Option<KafkaError>>,
}

/// What has landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed {
    /// The number up to which all has.
    pub upto: i64,
    /// How many facts that were.
    pub facts: usize,
    /// The number up to which each partition has been told that all has; zero when none was told.
    pub said: i64,
}

impl Landed {
    /// What has landed with what had before.
    pub fn after(self, before: Option<Self>) -> Self {
        let before = before.unwrap_or(Self { upto: 0, facts: 0, said: 0 });
        Self { facts: self.facts + before.facts, said: self.said.max(before.said), ..self }
    }
}

impl Flight {
    /// So many records take off, of which so many are facts.
    pub fn takes_off(&mut self, upto: i64, facts: usize, records: usize) -> Arc<Chunk> {
        self.with(upto, facts, records, false)
    }

    /// So many words take off that bring all partitions to this number.
    pub fn says(&mut self, upto: i64, records: usize) -> Arc<Chunk> {
        self.with(upto, 0, records, true)
    }

    fn with(&mut self, upto: i64, facts: usize, records: usize, is_said_to_all: bool) -> Arc<Chunk> {
        let (left, tower) = (AtomicUsize::new(records), self.tower.clone());
        let chunk = Arc::new(Chunk { upto, facts, records, is_said_to_all, left, tower });
        self.records += records;
        self.chunks.push_back(chunk.clone());
        chunk
    }

    /// Takes away what has landed with everything before it.
    pub fn landed(&mut self) -> Option<Landed> {
        let mut landed: Option<Landed> = None;
        while self.chunks.front().is_some_and(|chunk| chunk.left.load(Ordering::Acquire) == 0) {
            let Some(chunk) = self.chunks.pop_front() else { break };
            self.records -= chunk.records;
            let said = if chunk.is_said_to_all { chunk.upto } else { 0 };
            landed = Some(Landed { upto: chunk.upto, facts: chunk.facts, said }.after(landed));
        }
        landed
    }

    /// How many records are under way.
    pub const fn records(&self) -> usize {
        self.records
    }

    /// Waits until something has landed or failed.
    pub async fn news(&self) {
        self.tower.news.notified().await;
    }

    /// Why it cannot go on.
    pub fn failure(&self) -> Option<KafkaError> {
        self.tower.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Chunk {
    /// One of its records is acknowledged.
    pub fn lands(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.tower.news.notify_one();
        }
    }

    /// One of its records is not, and never will be.
    pub fn fails(&self, error: &KafkaError) {
        *self.tower.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        self.tower.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_landed_before_what_took_off_earlier() {
        let mut flight = Flight::default();
        let first = flight.takes_off(10, 2, 2);
        let second = flight.takes_off(20, 1, 1);
        let word = flight.says(20, 1);
        let _none = flight.takes_off(30, 0, 0);
        word.lands();
        second.lands();
        first.lands();
        assert_eq!((flight.landed(), flight.records()), (None, 4));
        first.lands();
        assert_eq!(flight.landed(), Some(Landed { upto: 30, facts: 3, said: 20 }));
        assert_eq!((flight.landed(), flight.records()), (None, 0));
        assert!(flight.failure().is_none());
    }
}
