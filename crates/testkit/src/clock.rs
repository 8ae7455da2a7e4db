//! A clock for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use types::{Clock, Timestamp};

/// Stands still until it is moved. Clones show the same time.
#[derive(Debug, Clone)]
pub struct StillClock(Arc<AtomicI64>);

impl StillClock {
    /// A clock that shows this moment.
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(moment.micros())))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Default for StillClock {
    /// 2026-11-21T09:30:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_millis(1_795_253_400_000))
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}
