//! Logs: one record, one line, `key: value` separated by tabs, or JSON for machines.
//!
//! A record is formatted on the thread that makes it, into a buffer that thread keeps, and copied into one bounded
//! queue that a thread of its own writes to standard output. So a slow reader of the log never slows a request: when
//! the queue is full, lines are dropped, counted, and the count is logged once there is room.
//!
//! `tracing::error!(error = &err as &dyn std::error::Error, user_id, "cannot save the task")` prints the whole chain
//! of causes; an `Option` that is `None` prints nothing.

mod escape;
mod layer;
mod queue;
mod record;
mod stamp;

#[cfg(test)]
mod tests;

use std::{
    io,
    panic::{self, PanicHookInfo},
    sync::Arc,
    thread,
};

use serde::Deserialize;
use tracing::Level;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

use self::{layer::Lines, queue::Queue};

/// What the log looks like and how much of it there is.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How a record is written.
    pub format: Format,
    /// The least serious level that our own crates log at.
    pub level: Level,
    /// The names of our own crates. Any other crate is heard only from `warn` up, with its name on the line.
    pub ours: &'static [&'static str],
}

/// How a record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `key: value`, tabs between.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Keeps the log running; dropping it writes out what is still queued.
#[derive(Debug)]
#[must_use = "the log stops when its guard is dropped"]
pub struct Guard {
    queue: Arc<Queue>,
}

/// Sends every `tracing` event of this process, and every panic, to standard output.
///
/// The first call wins: a later one in the same process changes nothing.
pub fn start(settings: Settings) -> io::Result<Guard> {
    let queue = Arc::new(Queue::new(settings.format));
    let writer = Arc::clone(&queue);
    thread::Builder::new().name("log".into()).spawn(move || writer.drain(&mut io::stdout()))?;
    let lines = Lines::new(settings, Arc::clone(&queue));
    if tracing::subscriber::set_global_default(Registry::default().with(lines)).is_ok() {
        panic::set_hook(Box::new(report));
    }
    Ok(Guard { queue })
}

/// A panic is a record like any other, not a dump on standard error that no tool can read.
fn report(panic: &PanicHookInfo<'_>) {
    let current = thread::current();
    tracing::error!(
        panic = panic.payload_as_str().unwrap_or("a value that is not text"),
        location = panic.location().map(tracing::field::display),
        thread = current.name().unwrap_or("unnamed"),
        "panicked"
    );
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.queue.close();
    }
}
