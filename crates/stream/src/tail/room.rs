//! Who waits, by key.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// Everybody has one of so many turns to hear that all is quiet, so that not all are woken at once.
pub const TURNS: usize = 15;

/// Where they wait.
pub struct Room {
    /// How many may wait for one key.
    most: usize,
    seats: Mutex<Seats>,
    /// The number up to which everybody was told.
    seen: AtomicI64,
    /// Somebody has come.
    came: Notify,
}

#[derive(Default)]
struct Seats {
    by_key: HashMap<i64, Vec<Arc<Seat>>>,
    next_turn: usize,
}

/// The place of one that waits.
pub struct Seat {
    topic: &'static str,
    key: i64,
    turn: usize,
    news: AtomicBool,
    beat: AtomicBool,
    waker: AtomicWaker,
}

impl Room {
    /// With so many seats for each key.
    pub fn new(most: usize) -> Self {
        let (seats, came) = (Mutex::default(), Notify::default());
        Self { most, seats, seen: AtomicI64::default(), came }
    }

    /// A seat, unless too many wait for this key.
    pub fn enter(&self, topic: &'static str, key: i64) -> Option<Arc<Seat>> {
        let mut seats = self.seats();
        let turn = seats.next_turn;
        let neighbours = seats.by_key.entry(key).or_insert_with(|| Vec::with_capacity(1));
        if neighbours.len() >= self.most {
            return None;
        }
        let (news, beat) = (AtomicBool::new(false), AtomicBool::new(false));
        let seat = Arc::new(Seat { topic, key, turn, news, beat, waker: AtomicWaker::new() });
        neighbours.push(seat.clone());
        seats.next_turn = (turn + 1) % TURNS;
        drop(seats);
        self.came.notify_waiters();
        Some(seat)
    }

    /// Gives it back.
    pub fn leave(&self, seat: &Arc<Seat>) {
        let mut seats = self.seats();
        if let Some(neighbours) = seats.by_key.get_mut(&seat.key) {
            neighbours.retain(|neighbour| !Arc::ptr_eq(neighbour, seat));
            if neighbours.is_empty() {
                seats.by_key.remove(&seat.key);
            }
        }
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.seats().by_key.is_empty()
    }

    /// Waits until somebody does.
    pub async fn somebody(&self) {
        loop {
            let came = self.came.notified();
            tokio::pin!(came);
            // Listening begins before looking, so that nobody is missed in between.
            came.as_mut().enable();
            if !self.is_empty() {
                return;
            }
            came.await;
        }
    }

    /// Tells whom these facts are about, which reach up to this number.
    pub fn tell(&self, facts: &[(String, i64)], upto: i64) {
        let seats = self.seats();
        for (topic, key) in facts {
            let waiting = seats.by_key.get(key).into_iter().flatten();
            waiting.filter(|seat| seat.topic == topic).for_each(|seat| seat.tell(&seat.news));
        }
        self.seen.store(upto, Ordering::Release);
    }

    /// Tells everybody to look, whatever there is up to this number.
    pub fn tell_all(&self, upto: i64) {
        let seats = self.seats();
        seats.by_key.values().flatten().for_each(|seat| seat.tell(&seat.news));
        self.seen.store(upto, Ordering::Release);
    }

    /// Tells those of this turn that all is quiet.
    pub fn beat(&self, turn: usize) {
        let seats = self.seats();
        let of_turn = seats.by_key.values().flatten().filter(|seat| seat.turn == turn);
        of_turn.for_each(|seat| seat.tell(&seat.beat));
    }

    /// The number up to which everybody was told.
    pub fn seen(&self) -> i64 {
        self.seen.load(Ordering::Acquire)
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Whom to wake.
    pub fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Whether there was news since this was last asked.
    pub fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::AcqRel)
    }

    /// Whether it was its turn since this was last asked.
    pub fn take_beat(&self) -> bool {
        self.beat.swap(false, Ordering::AcqRel)
    }

    fn tell(&self, sign: &AtomicBool) {
        // Who has not looked yet is woken already.
        if !sign.swap(true, Ordering::AcqRel) {
            self.waker.wake();
        }
    }
}
