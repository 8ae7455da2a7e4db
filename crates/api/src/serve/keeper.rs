//! Who is connected, and for how long yet.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::poll_fn,
    ops::{ControlFlow, Deref},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::task::AtomicWaker;
use tokio::{sync::Notify, time::sleep};

use super::{Limits, handover::Handover};

/// Knows every connection, and goes round now and then.
#[derive(Debug)]
pub(super) struct Keeper {
    limits: Limits,
    round: Duration,
    began: Instant,
    /// Milliseconds at the last round: exact enough for limits of seconds, and free to read.
    clock: Arc<AtomicU64>,
    seats: Mutex<HashMap<u64, Arc<Seat>>>,
    next: AtomicU64,
    left: Notify,
}

/// What a connection notes of itself, and what it is told.
#[derive(Debug, Default)]
pub(super) struct Seat {
    clock: Arc<AtomicU64>,
    /// Requests whose answers are not out yet.
    running: AtomicU32,
    /// Between two requests, and no byte of the next one has come.
    idle: AtomicBool,
    /// HTTP/2 talks between requests too, and what was upgraded in another way, so that a byte is no sign of one.
    http2: AtomicBool,
    /// When it became idle, or ceased to be.
    since: AtomicU64,
    /// When an answer began to wait for the client; 0 when none does.
    stalled: AtomicU64,
    order: AtomicU8,
    waker: AtomicWaker,
    pub(super) handover: Handover,
}

/// What a connection can be told. Each order outranks those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Answer what has been asked, then leave.
    Finish = 1,
    /// Leave.
    Leave = 2,
}

/// A seat that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    keeper: Arc<Keeper>,
    number: u64,
    seat: Arc<Seat>,
}

impl Keeper {
    pub(super) fn new(limits: Limits) -> Self {
        let shortest = limits.head.min(limits.idle).min(limits.stall);
        Self {
            limits,
            round: (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1)),
            began: Instant::now(),
            // Never 0, which means "not at all" where times are noted.
            clock: Arc::new(AtomicU64::new(1)),
            seats: Mutex::default(),
            next: AtomicU64::new(0),
            left: Notify::new(),
        }
    }

    /// Gives a new connection its seat.
    pub(super) fn admit(self: &Arc<Self>) -> Place {
        let since = AtomicU64::new(self.clock.load(Ordering::Relaxed));
        let seat = Arc::new(Seat { clock: Arc::clone(&self.clock), since, ..Seat::default() });
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.seats().insert(number, Arc::clone(&seat));
        Place { keeper: Arc::clone(self), number, seat }
    }

    /// Goes round for ever.
    pub(super) async fn keep(&self) -> Infallible {
        loop {
            sleep(self.round).await;
            let now = millis(self.began.elapsed()) + 1;
            self.clock.store(now, Ordering::Relaxed);
            for seat in self.seats().values() {
                if let Some(order) = seat.judge(now, self.limits) {
                    seat.tell(order);
                }
            }
        }
    }

    /// Tells every connection.
    pub(super) fn tell_all(&self, order: Order) {
        for seat in self.seats().values() {
            seat.tell(order);
        }
    }

    /// How many connections there are.
    pub(super) fn count(&self) -> usize {
        self.seats().len()
    }

    /// Waits until there are none.
    pub(super) async fn empty(&self) {
        loop {
            let mut left = pin!(self.left.notified());
            left.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            left.await;
        }
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<u64, Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Bytes have come. Whether they are the first of a request.
    pub(super) fn heard(&self) -> bool {
        let begins = self.idle.load(Ordering::Relaxed) && !self.http2.load(Ordering::Relaxed);
        if begins {
            self.turn(false);
        }
        begins
    }

    /// The connection has become something else, and no request comes any more.
    pub(super) fn upgraded(&self) {
        self.http2.store(true, Ordering::Relaxed);
    }

    /// A request has begun.
    pub(super) fn begin(&self, http2: bool) {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.idle.store(false, Ordering::Relaxed);
        if http2 {
            self.http2.store(true, Ordering::Relaxed);
        }
    }

    /// Its answer is out, or nobody wants it any more.
    pub(super) fn end(&self) {
        if self.running.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.turn(true);
        }
    }

    /// Bytes wait for the client, or no longer do.
    pub(super) fn waits(&self, waits: bool) {
        let since = self.stalled.load(Ordering::Relaxed);
        if waits && since == 0 {
            self.stalled.store(self.now(), Ordering::Relaxed);
        } else if !waits && since != 0 {
            self.stalled.store(0, Ordering::Relaxed);
        }
    }

    /// Drives `work` until it ends or has to leave. Told to finish, `finish` says how, or that there is no point.
    pub(super) async fn attend<F: Future>(
        &self,
        mut work: Pin<&mut F>,
        mut finish: impl FnMut(Pin<&mut F>) -> ControlFlow<()>,
    ) -> Option<F::Output> {
        let mut obeyed = None;
        poll_fn(|cx| {
            // One look at a number is all that a connection pays for being under orders.
            if obeyed != Some(self.order.load(Ordering::Acquire)) {
                self.waker.register(cx.waker());
                let order = self.order.load(Ordering::Acquire);
                obeyed = Some(order);
                let leaves = order == Order::Leave as u8;
                if leaves || order == Order::Finish as u8 && finish(work.as_mut()).is_break() {
                    return Poll::Ready(None);
                }
            }
            work.as_mut().poll(cx).map(Some)
        })
        .await
    }

    fn judge(&self, now: u64, limits: Limits) -> Option<Order> {
        let passed = |since: u64, limit: Duration| now.saturating_sub(since) > millis(limit);
        let since = self.since.load(Ordering::Relaxed);
        let stalled = self.stalled.load(Ordering::Relaxed);
        if stalled != 0 && passed(stalled, limits.stall) {
            return Some(Order::Leave);
        }
        if self.running.load(Ordering::Relaxed) > 0 {
            return None;
        }
        if !self.idle.load(Ordering::Relaxed) {
            return passed(since, limits.head).then_some(Order::Leave);
        }
        // A client that is still there answers a farewell, one that is not would keep us waiting for it.
        if passed(since, limits.idle + limits.head) {
            return Some(Order::Leave);
        }
        passed(since, limits.idle).then_some(Order::Finish)
    }

    fn tell(&self, order: Order) {
        if self.order.fetch_max(order as u8, Ordering::AcqRel) < order as u8 {
            self.waker.wake();
        }
    }

    fn turn(&self, idle: bool) {
        self.since.store(self.now(), Ordering::Relaxed);
        self.idle.store(idle, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }
}

impl Place {
    /// The seat, for those who note something on it.
    pub(super) fn share(&self) -> Arc<Seat> {
        Arc::clone(&self.seat)
    }
}

impl Deref for Place {
    type Target = Seat;

    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.keeper.seats().remove(&self.number);
        self.keeper.left.notify_waiters();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
