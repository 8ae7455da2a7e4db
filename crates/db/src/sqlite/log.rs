//! The write-ahead log: copied into the file as it grows, and kept from growing without end.
//!
//! The log cannot be emptied past the oldest read. One read ends within a second, but one after another would hold it up
//! for ever, and the disk would fill: so reads that may be long pause when the log is held up, and in the end writes do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;

use super::copier::Copier;
use crate::{Error, Result};

/// Pages of 4 KiB after which the log is copied. The engine's own 1,000 make that so frequent that it shows in the
/// slowest writes.
const ENOUGH: usize = 10_000;
/// When reads hold the log up beyond this, no other long ones begin.
const MUCH: usize = 15_000;
/// When they hold it up beyond this, writes wait for their end.
const TOO_MUCH: usize = 30_000;
/// How much more must be written before a log that is held up is tried again.
const MORE: usize = 500;
/// Reads that may be long wait no longer than this: by then the others have ended, or nobody writes.
const PAUSE: Duration = Duration::from_secs(2);

/// The log, as the writer sees it.
pub struct Log {
    /// How many pages it had at the last commit.
    pages: Arc<AtomicUsize>,
    try_at: usize,
    wait_at: usize,
    crowded: Crowded,
    /// Does most of the copying; a database in memory has no log.
    copier: Option<Copier>,
}

impl Log {
    /// Takes the place of the engine's own care for the log, which would come before each answer and not after it.
    pub fn new(connection: &mut Connection, copier: Option<Copier>) -> Result<Self> {
        let pages = Arc::new(AtomicUsize::new(0));
        let committed = pages.clone();
        let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
            committed.store(usize::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(Error::from_sqlite)?;
        Ok(Self { pages, try_at: ENOUGH, wait_at: TOO_MUCH, crowded: Crowded::default(), copier })
    }

    /// What reads that may be long look at.
    pub fn crowded(&self) -> Crowded {
        self.crowded.clone()
    }

    /// Called after each commit: copies the log if it has grown. What fails here is tried again at a later one.
    pub fn tend(&mut self, connection: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < ENOUGH {
            (self.try_at, self.wait_at) = (ENOUGH, TOO_MUCH);
            self.crowded.set(false);
        }
        if pages < self.try_at {
            return;
        }
        let waits = pages >= self.wait_at;
        if !waits && self.copier.as_ref().is_some_and(|copier| !copier.has_copied()) {
            return;
        }
        let copy = if waits { "pragma wal_checkpoint(restart)" } else { "pragma wal_checkpoint(passive)" };
        let copied = connection.query_row(copy, [], |row| Ok(row.get::<_, i64>(1)? <= row.get::<_, i64>(2)?));
        if copied.is_ok_and(|whole| whole) {
            return;
        }
        self.try_at = pages + MORE;
        if waits {
            // Somebody else's program reads without end; to wait each time would stop all writes.
            self.wait_at = pages + TOO_MUCH;
            tracing::warn!(pages, "the log cannot be emptied, a reader holds it up");
        }
        self.crowded.set(pages >= MUCH);
    }
}

/// Whether the log is held up by reads.
#[derive(Clone)]
pub struct Crowded(Arc<watch::Sender<bool>>);

impl Default for Crowded {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Crowded {
    fn set(&self, crowded: bool) {
        self.0.send_if_modified(|now| std::mem::replace(now, crowded) != crowded);
    }

    /// Waits until it is not.
    pub async fn gap(&self) {
        let mut crowded = self.0.subscribe();
        let gap = tokio::time::timeout(PAUSE, crowded.wait_for(|crowded| !crowded)).await;
        if gap.is_err() {
            self.set(false);
        }
    }
}
