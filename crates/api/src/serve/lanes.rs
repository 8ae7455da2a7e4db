//! Threads that serve connections, each with a runtime of its own. A connection stays on the thread it was given to, so
//! that nothing of it is woken, moved or waited for across cores.

use std::{
    cell::Cell,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use axum::Router;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use super::{Limits, Listener, Tls};
use crate::stop::Stop;

thread_local! {
    static LANE: Cell<usize> = const { Cell::new(0) };
}

/// The threads. When this is dropped they end, and with them whatever still runs there.
#[derive(Debug)]
pub struct Lanes {
    threads: Vec<Thread>,
    turns: Arc<Turns>,
}

#[derive(Debug)]
struct Thread {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Whose turn it is to get the next connection.
#[derive(Debug)]
pub(super) struct Turns {
    runtimes: Vec<Handle>,
    next: AtomicUsize,
}

impl Lanes {
    /// Starts so many.
    pub fn start(count: usize) -> io::Result<Self> {
        let (mut threads, mut runtimes) = (Vec::new(), Vec::new());
        for number in 0..count.max(1) {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtimes.push(runtime.handle().clone());
            let (end, ended) = oneshot::channel();
            let thread = thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
                LANE.set(number);
                let _ = runtime.block_on(ended);
            })?;
            threads.push(Thread { end: Some(end), thread: Some(thread) });
        }
        Ok(Self { threads, turns: Arc::new(Turns { runtimes, next: AtomicUsize::new(0) }) })
    }

    /// How many there usually are: one for each core.
    pub fn usual() -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }

    /// The number of the lane that this is asked on, from 0 on; 0 elsewhere too.
    pub fn current() -> usize {
        LANE.get()
    }

    /// Their runtimes.
    pub fn runtimes(&self) -> &[Handle] {
        &self.turns.runtimes
    }

    /// As [`super::run`], with connections from the network served here, one lane after the other.
    pub async fn run<L: Into<Listener>>(
        &self,
        listeners: impl IntoIterator<Item = L>,
        app: Router,
        limits: Limits,
        stop: Stop,
        tls: Option<Tls>,
    ) -> Result<(), String> {
        super::run_on(listeners, app, limits, stop, tls, Some(Arc::clone(&self.turns))).await
    }
}

impl Turns {
    /// The runtime whose turn it is.
    pub(super) fn next(&self) -> &Handle {
        &self.runtimes[self.next.fetch_add(1, Ordering::Relaxed) % self.runtimes.len()]
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        for Thread { end, .. } in &mut self.threads {
            drop(end.take());
        }
        for Thread { thread, .. } in &mut self.threads {
            let _ = thread.take().map(JoinHandle::join);
        }
    }
}
