//! Calls that are under way: who asks the same meanwhile waits for the same answer.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::http::uri::PathAndQuery;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::watch;
use types::{Role, UserId};

use super::answer::{Common, Fetched};

const SHARDS: usize = 16;

/// Where those who wait are told.
type Waiting = watch::Sender<Option<Common>>;

/// What is asked, as far as it must be the same for the answer to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub user: UserId,
    pub role: Role,
    pub domain: &'static str,
    pub asked: PathAndQuery,
    /// The generation that the answer will be of, where other processes may begin another.
    pub generation: Option<u64>,
}

/// All calls that others may join. They are few, and lie by user.
#[derive(Default)]
pub struct Flights {
    shards: [Shard; SHARDS],
    numbers: AtomicU64,
}

#[derive(Default)]
struct Shard {
    flights: Mutex<Vec<Flight>>,
    /// How many have landed here so far.
    landed: AtomicU64,
}

struct Flight {
    number: u64,
    question: Question,
    /// Nobody joins a call that may have begun before a write.
    is_open: bool,
    /// Made for the first who joins: most calls are made for one alone.
    waiting: Option<Waiting>,
}

/// What one who asks does.
pub enum Boarded {
    /// Waits for a call that is under way.
    Joined(Joined),
    /// Makes the call.
    Leads(Seat),
}

/// The seat of who makes a call.
pub struct Seat {
    flights: Arc<Flights>,
    user: UserId,
    number: u64,
}

/// One who waits for somebody else's call.
pub struct Joined(watch::Receiver<Option<Common>>);

impl Flights {
    /// Joins the call that asks the same, or begins one.
    pub fn board(self: &Arc<Self>, question: Question) -> Boarded {
        let mut flights = self.flights(question.user);
        let same = flights.iter_mut().find(|flight| flight.is_open && flight.question == question);
        if let Some(flight) = same {
            let waiting = flight.waiting.get_or_insert_with(|| watch::channel(None).0);
            return Boarded::Joined(Joined(waiting.subscribe()));
        }
        let (user, number) = (question.user, self.numbers.fetch_add(1, Ordering::Relaxed));
        flights.push(Flight { number, question, is_open: true, waiting: None });
        drop(flights);
        Boarded::Leads(Seat { flights: self.clone(), user, number })
    }

    /// Has nobody join the calls of this user and domain that are under way.
    pub fn close(&self, user: UserId, domain: &str) {
        let mut flights = self.flights(user);
        let touched = |flight: &&mut Flight| flight.question.user == user && flight.question.domain == domain;
        flights.iter_mut().filter(touched).for_each(|flight| flight.is_open = false);
    }

    /// A number that stays the same while no call of this user lands. Whoever looked for an answer, found none and then
    /// found nobody to join may have missed both: if this has changed, they look again.
    pub fn landed(&self, user: UserId) -> u64 {
        self.shard(user).landed.load(Ordering::Acquire)
    }

    fn shard(&self, user: UserId) -> &Shard {
        // The low bits of an id are much alike.
        let mixed = user.number().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
        &self.shards[usize::try_from(mixed).unwrap_or(0) % SHARDS]
    }

    fn flights(&self, user: UserId) -> MutexGuard<'_, Vec<Flight>> {
        self.shard(user).flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Joined {
    /// What the call brings; none when nothing came that others may have.
    pub async fn landed(mut self) -> Option<Common> {
        self.0.wait_for(Option::is_some).await.ok()?.clone()
    }
}

impl Seat {
    /// Makes the call. When this is dropped before, the call goes on if somebody has joined it, until the last one leaves.
    pub fn lead(self, call: BoxFuture<'static, Fetched>) -> Leading {
        Leading { seat: Some(self), call: Some(call) }
    }

    /// Takes the call off the list and tells those who wait.
    fn land(&self, fetched: &Fetched) {
        self.flights.shard(self.user).landed.fetch_add(1, Ordering::Release);
        let waiting = self.take_off(|_| true).and_then(|flight| flight.waiting);
        if let Some(waiting) = waiting.filter(|waiting| waiting.receiver_count() > 0) {
            // What cannot be shared comes as an end without news.
            waiting.send_replace(fetched.shared());
        }
    }

    /// Takes the call off the list if nobody waits for it; otherwise says how to tell them.
    fn leave(&self) -> Option<Waiting> {
        let nobody = |flight: &Flight| flight.waiting.as_ref().is_none_or(|it| it.receiver_count() == 0);
        if self.take_off(nobody).is_some() {
            return None;
        }
        let flights = self.flights.flights(self.user);
        flights.iter().find(|flight| flight.number == self.number).and_then(|flight| flight.waiting.clone())
    }

    fn take_off(&self, when: impl FnOnce(&Flight) -> bool) -> Option<Flight> {
        let mut flights = self.flights.flights(self.user);
        let at = flights.iter().position(|flight| flight.number == self.number)?;
        when(&flights[at]).then(|| flights.swap_remove(at))
    }

    /// Makes the rest of the call, for as long as anybody waits.
    async fn carry_on(self, mut call: BoxFuture<'static, Fetched>) {
        while let Some(waiting) = self.leave() {
            tokio::select! {
                fetched = &mut call => return self.land(&fetched),
                () = waiting.closed() => {}
            }
        }
    }
}

/// A call on its way, made by one who may leave before it ends.
pub struct Leading {
    seat: Option<Seat>,
    call: Option<BoxFuture<'static, Fetched>>,
}

impl Future for Leading {
    type Output = Fetched;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Fetched> {
        let Some(call) = self.call.as_mut() else { return Poll::Pending };
        let Poll::Ready(fetched) = call.as_mut().poll(cx) else { return Poll::Pending };
        self.call = None;
        if let Some(seat) = self.seat.take() {
            seat.land(&fetched);
        }
        Poll::Ready(fetched)
    }
}

impl Drop for Leading {
    fn drop(&mut self) {
        let (Some(seat), Some(call)) = (self.seat.take(), self.call.take()) else { return };
        // A call that panicked brings nothing any more, and those who wait find that out by its end.
        if std::thread::panicking() {
            drop(seat.take_off(|_| true));
        } else if seat.leave().is_some()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(seat.carry_on(call));
        }
    }
}
