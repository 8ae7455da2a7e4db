//! Reads, on the thread that asks or, when they may be long, on a thread of their own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::log::Crowded;
use super::{Log, Place, all, connect};
use crate::{Durability, Error, FromRow, Result, Sql};

/// Long reads at once; more would only take the cores from the short ones.
const LONG_READS: u32 = 2;
/// No read lives longer: the log cannot be emptied past the oldest read.
const LONGEST: Duration = Duration::from_secs(1);
/// How many steps of the engine's machine between two looks at the clock.
const STEPS: i32 = 10_000;
/// A read on the caller's thread that takes longer holds up the requests behind it, and is told of.
const SLOW: Duration = Duration::from_millis(5);

/// Connections for reading.
#[derive(Clone)]
pub struct Readers {
    source: Source,
    long: Arc<Semaphore>,
    crowded: Crowded,
}

#[derive(Clone)]
enum Source {
    /// Each read has a connection to itself; what it gives back waits here.
    File { place: Place, idle: Arc<Mutex<Vec<Connection>>> },
    /// All share the one connection there is: a database in memory belongs to its connection.
    Memory(Arc<Mutex<Connection>>),
}

impl Readers {
    /// Readers of the database that `writer` writes.
    pub fn new(place: &Place, writer: Arc<Mutex<Connection>>, log: &Log) -> Self {
        let source = match place {
            Place::File(_) | Place::Beside(_) => Source::files(place),
            Place::Memory => Source::Memory(writer),
        };
        Self { source, long: Arc::new(Semaphore::new(LONG_READS as usize)), crowded: log.crowded() }
    }

    /// Readers of a database that another process writes.
    pub fn beside(place: &Place) -> Self {
        let long = Arc::new(Semaphore::new(LONG_READS as usize));
        Self { source: Source::files(place), long, crowded: Crowded::default() }
    }

    /// A short read: bounded, served by an index, on this very thread.
    pub fn short<T: FromRow>(&self, sql: &Sql) -> Result<Vec<T>> {
        let started = Instant::now();
        let found = self.with(|connection| all(connection, sql));
        let taken = started.elapsed();
        if taken > SLOW {
            tracing::warn!(duration_us = taken.as_micros(), statement = sql.text(), "a short read was slow");
        }
        found
    }

    /// A read that may be long, on a thread of its own, and cut off after a second.
    #[expect(clippy::disallowed_methods, reason = "the reader threads")]
    pub async fn long<T: FromRow>(&self, sql: Sql) -> Result<Vec<T>> {
        let permit =
            self.long.clone().acquire_owned().await.map_err(|e| Error::Unavailable(e.to_string()))?;
        self.crowded.gap().await;
        let readers = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.with(|connection| all(Limited::new(connection)?.0, &sql))
        });
        read.await.map_err(|e| Error::Other(e.to_string()))?
    }

    /// Whether the engine understands this text.
    pub fn prepares(&self, text: &str) -> Result<()> {
        self.with(|connection| connection.prepare(text).map(drop).map_err(Error::from_sqlite))
    }

    fn with<T>(&self, read: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        match &self.source {
            Source::Memory(shared) => read(&mut shared.lock().unwrap_or_else(PoisonError::into_inner)),
            Source::File { place, idle } => {
                let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut connection = match waiting {
                    Some(connection) => connection,
                    None => connect(place, Durability::Full)?,
                };
                let found = read(&mut connection);
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                found
            }
        }
    }

    /// Closes what waits, once long reads that nobody waits for any more have come to their end.
    pub async fn close(&self) {
        let _all = self.long.acquire_many(LONG_READS).await;
        if let Source::File { idle, .. } = &self.source {
            idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl Source {
    fn files(place: &Place) -> Self {
        Self::File { place: place.clone(), idle: Arc::default() }
    }
}

/// A connection whose statements are cut off when their time is up, for as long as this lives: also a reader that
/// panics must not leave the limit behind, on the connection that writes for all the engine knows.
struct Limited<'c>(&'c mut Connection);

impl<'c> Limited<'c> {
    fn new(connection: &'c mut Connection) -> Result<Self> {
        let started = Instant::now();
        let late = move || started.elapsed() > LONGEST;
        connection.progress_handler(STEPS, Some(late)).map_err(Error::from_sqlite)?;
        Ok(Self(connection))
    }
}

impl Drop for Limited<'_> {
    fn drop(&mut self) {
        let _ = self.0.progress_handler(0, None::<fn() -> bool>);
    }
}
