//! Work that waits for a thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A bounded queue: what does not fit is refused at once.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    most: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

/// What a thread finds.
pub enum Taken<T> {
    /// Something to do.
    Job(T),
    /// Nothing for a while.
    Nothing,
    /// Nothing ever again.
    End,
}

impl<T> Queue<T> {
    /// An empty queue for so many.
    pub const fn new(most: usize) -> Self {
        let state = State { waiting: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), most }
    }

    /// Adds a job; false when there is no room for it.
    pub fn put(&self, job: T) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = state.waiting.len() < self.most;
        if fits {
            state.waiting.push_back(job);
            self.changed.notify_one();
        }
        fits
    }

    /// The next job, waited for no longer than this.
    pub fn take(&self, longest: Duration) -> Taken<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |state: &mut State<T>| state.waiting.is_empty() && !state.closed;
        let waited = self.changed.wait_timeout_while(state, longest, empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.waiting.pop_front() {
            Some(job) => Taken::Job(job),
            None if state.closed => Taken::End,
            None => Taken::Nothing,
        }
    }

    /// Lets threads end once nothing waits.
    pub fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.changed.notify_all();
    }
}
