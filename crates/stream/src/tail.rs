//! Waking whoever waits for facts of a key, wherever these were written: one reader a process for all who wait.

mod room;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use types::{Error, Result};

use self::room::{Room, Seat};
use crate::store::Facts;
use crate::wake::Bell;

/// Numbers read at once.
const AT_ONCE: i64 = 500;
/// After a ring, a moment for more to come: with many writers one look serves many commits.
const LINGER: Duration = Duration::from_millis(10);
/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);
/// How often the seats of one turn are told that all is quiet, a turn a second.
const TURN: Duration = Duration::from_secs(1);
/// When to come again, for whoever finds no seat.
const AGAIN: Duration = Duration::from_secs(15);

/// Knows who waits, and reads for them while there is anybody. Cheap to clone.
#[derive(Clone)]
pub struct Tail {
    room: Arc<Room>,
}

/// One that waits for facts of a key; dropped, it waits no more.
pub struct Watch {
    room: Arc<Room>,
    seat: Arc<Seat>,
}

/// What a watch hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// There may be facts that were not there before.
    News,
    /// Now and then: nothing that it was not told of has happened up to this number.
    Quiet(i64),
}

impl Tail {
    pub(crate) fn new(most: usize) -> Self {
        Self { room: Arc::new(Room::new(most)) }
    }

    pub(crate) fn watch(&self, topic: &'static str, key: i64) -> Result<Watch> {
        let seat = self.room.enter(topic, key).ok_or(Error::TooMany(AGAIN))?;
        Ok(Watch { room: self.room.clone(), seat })
    }

    /// Reads new facts for as long as it is polled, and only while somebody waits.
    pub(crate) async fn run(&self, facts: &Facts, readable: &Bell) {
        let look = facts.look();
        let mut listener = readable.listener();
        loop {
            self.room.somebody().await;
            let Some(mut seen) = warned(facts.newest().await) else {
                tokio::time::sleep(REST).await;
                continue;
            };
            // They may have looked before this, and what came in between was nobody's to tell.
            self.room.tell_all(seen);
            while !self.room.is_empty() {
                match self.read(facts, seen).await {
                    Some(upto) if upto > seen => {
                        seen = upto;
                        // Reads of the embedded engine do not wait for anything, and others have to get on.
                        tokio::task::yield_now().await;
                    }
                    Some(_) => {
                        listener.wait(look).await;
                        tokio::time::sleep(LINGER).await;
                    }
                    None => tokio::time::sleep(REST).await,
                }
            }
        }
    }

    /// Tells everybody in turn that all is quiet.
    pub(crate) async fn beat(&self) {
        for turn in (0..room::TURNS).cycle() {
            self.room.somebody().await;
            tokio::time::sleep(TURN).await;
            self.room.beat(turn);
        }
    }

    /// Tells of what comes next; up to which number, or none when it cannot be read.
    async fn read(&self, facts: &Facts, seen: i64) -> Option<i64> {
        let upto = warned(facts.newest().await)?.min(seen + AT_ONCE);
        if upto > seen {
            let keys = warned(facts.keys(seen, upto).await)?;
            self.room.tell(&keys, upto);
        }
        Some(upto)
    }
}

fn warned<T>(read: db::Result<T>) -> Option<T> {
    let failed = |error: &db::Error| tracing::warn!(error = %error, "new facts cannot be read, and wait");
    read.inspect_err(failed).ok()
}

impl Watch {
    /// Waits for the next sign. Nothing is lost when this is dropped meanwhile.
    pub async fn next(&mut self) -> Sign {
        poll_fn(|context| {
            self.seat.register(context.waker());
            // Asked for first: whatever happened up to this number has been told by now.
            let seen = self.room.seen();
            match () {
                () if self.seat.take_news() => Poll::Ready(Sign::News),
                () if self.seat.take_beat() => Poll::Ready(Sign::Quiet(seen)),
                () => Poll::Pending,
            }
        })
        .await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.room.leave(&self.seat);
    }
}
