//! Copies the log into the file beside the writer, so that nobody's commit waits for the bulk of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::{Error, Result};

const IDLE: u8 = 0;
const COPYING: u8 = 1;
const COPIED: u8 = 2;

/// A thread with a connection of its own.
pub struct Copier {
    orders: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<AtomicU8>,
}

impl Copier {
    /// Starts it; it ends with its handle, and so does its connection: the last one to close clears up the log's files.
    pub fn start(connection: Connection) -> Result<Self> {
        let (orders, waiting) = sync_channel(1);
        let state = Arc::new(AtomicU8::new(IDLE));
        let done = state.clone();
        let thread = std::thread::Builder::new()
            .name("db-log".into())
            .spawn(move || {
                while waiting.recv().is_ok() {
                    // What it cannot copy, for a reader or an error, the writer tries again itself.
                    let _ = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
                    done.store(COPIED, Ordering::Release);
                }
            })
            .map_err(|e| Error::Other(format!("the log's thread cannot start: {e}")))?;
        Ok(Self { orders: Some(orders), thread: Some(thread), state })
    }

    /// Whether the bulk has been copied since this was first asked, so that only what came meanwhile is left.
    pub fn has_copied(&self) -> bool {
        match self.state.load(Ordering::Acquire) {
            IDLE => {
                self.state.store(COPYING, Ordering::Release);
                // A thread that is gone leaves all of it to the writer.
                self.orders.as_ref().is_none_or(|orders| orders.try_send(()).is_err())
            }
            COPYING => false,
            _ => {
                self.state.store(IDLE, Ordering::Release);
                true
            }
        }
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
