//! Keys that are fetched from elsewhere: whoever meets a token of an unknown key has them fetched again, and waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};

/// A fetch is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many may wait at once: names of keys can be invented, and waiting must cost an inventor more than us.
const WAITING: usize = 256;

/// Counts the fetches of a follower, and tells it when one is wanted.
pub struct Fetches {
    wanted: Notify,
    begun: AtomicU64,
    done: watch::Sender<u64>,
    seats: Semaphore,
}

impl Default for Fetches {
    fn default() -> Self {
        Self {
            wanted: Notify::default(),
            begun: AtomicU64::default(),
            done: watch::Sender::default(),
            seats: Semaphore::new(WAITING),
        }
    }
}

impl Fetches {
    /// Whether anybody fetches keys at all.
    pub fn are_made(&self) -> bool {
        self.begun.load(Ordering::Acquire) > 0
    }

    /// A fetch begins; its number.
    pub fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// The fetch of this number is over, whatever came of it.
    pub fn end(&self, number: u64) {
        self.done.send_replace(number);
    }

    /// Returns as soon as somebody wants a key that is not known.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Has keys fetched, and waits until the key is there or a fetch that began from now on is over.
    pub async fn want(&self, is_known: impl Fn() -> bool) {
        let Ok(_seat) = self.seats.try_acquire() else { return };
        let mut done = self.done.subscribe();
        let begun = self.begun.load(Ordering::Acquire);
        self.wanted.notify_one();
        let waiting = async {
            while !is_known() && *done.borrow_and_update() <= begun && done.changed().await.is_ok() {}
        };
        // Without the key the token is refused, which is what happens to all others.
        let _ = tokio::time::timeout(PATIENCE, waiting).await;
    }
}
