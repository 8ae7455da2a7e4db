//! The place of one connection among those who listen: what it has still to be told.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;
use types::UserId;

use super::event::Event;

/// Events that may wait for one connection, and their bytes.
const MOST: usize = 1_024;
const MOST_BYTES: usize = 1 << 20;

/// Why a connection has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The session has ended, or the token that was brought last.
    Session,
    /// It takes what it is told too slowly.
    TooSlow,
    /// The process stops.
    Stopping,
    /// The house cannot go on with it now.
    Broken,
}

/// What a connection is to do next.
#[derive(Debug)]
pub enum Sign {
    /// Tell these.
    Events(Vec<Arc<Event>>),
    /// Read what it was not told: it is not told any more since that second.
    Behind(u64),
    /// Show that it is there.
    Beat,
    /// Leave.
    Over(Over),
}

/// A seat.
pub struct Seat {
    /// Whose.
    pub user: UserId,
    turn: u64,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
}

struct Queue {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// Whether it is told what happens, or reads it for itself until it has caught up.
    is_live: bool,
    behind_since: u64,
    beat: bool,
    over: Option<Over>,
    expires: Option<i64>,
}

impl Seat {
    /// One that is told nothing yet, with a token that ends then.
    pub fn new(user: UserId, turn: u64, expires: Option<i64>, now: u64) -> Self {
        let queue = Queue {
            events: VecDeque::new(),
            bytes: 0,
            is_live: false,
            behind_since: now,
            beat: false,
            over: None,
            expires,
        };
        Self { user, turn, queue: Mutex::new(queue), waker: AtomicWaker::new() }
    }

    /// Tells it something; one for whom too much waits already is told nothing more until it has caught up.
    pub fn push(&self, event: &Arc<Event>, now: u64) {
        let mut queue = self.queue();
        if !queue.is_live {
            return;
        }
        if queue.events.len() >= MOST || queue.bytes + event.size() > MOST_BYTES {
            queue.is_live = false;
            queue.behind_since = now;
            queue.clear();
        } else {
            queue.bytes += event.size();
            queue.events.push_back(event.clone());
        }
        let wakes = queue.events.len() <= 1;
        drop(queue);
        if wakes {
            self.waker.wake();
        }
    }

    /// From now on it is told everything.
    pub fn go_live(&self) {
        let mut queue = self.queue();
        queue.clear();
        queue.is_live = true;
    }

    /// It has to leave.
    pub fn end(&self, over: Over) {
        self.queue().over.get_or_insert(over);
        self.waker.wake();
    }

    /// Its token ends then.
    pub fn lasts_until(&self, expires: Option<i64>) {
        self.queue().expires = expires;
    }

    /// A second has passed: whoever's token has ended leaves, and those whose turn it is show that they are there.
    pub fn tick(&self, tick: u64, turns: u64, now: i64) {
        let mut queue = self.queue();
        if queue.expires.is_some_and(|expires| expires <= now) {
            queue.over.get_or_insert(Over::Session);
        } else if tick % turns == self.turn % turns {
            queue.beat = true;
        } else {
            return;
        }
        drop(queue);
        self.waker.wake();
    }

    /// Waits for what is next. Nothing is lost when this is dropped meanwhile.
    pub async fn next(&self) -> Sign {
        poll_fn(|context| {
            self.waker.register(context.waker());
            let mut queue = self.queue();
            if let Some(over) = queue.over {
                return Poll::Ready(Sign::Over(over));
            }
            if !queue.events.is_empty() {
                queue.bytes = 0;
                return Poll::Ready(Sign::Events(std::mem::take(&mut queue.events).into()));
            }
            if !queue.is_live {
                return Poll::Ready(Sign::Behind(queue.behind_since));
            }
            if std::mem::take(&mut queue.beat) {
                return Poll::Ready(Sign::Beat);
            }
            Poll::Pending
        })
        .await
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn clear(&mut self) {
        (self.events, self.bytes) = (VecDeque::new(), 0);
    }
}
