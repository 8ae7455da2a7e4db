//! Hearing what becomes of a job while it does: one reader a process looks at all jobs that somebody watches, and only then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::stop::Stop;
use tokio::sync::{Notify, watch};
use types::{Error, JobId, Result, UserId};

use crate::{Job, Queue};

/// Jobs looked at in one statement.
const AT_ONCE: usize = 100;
/// How long they are left alone at least, whatever rings,
const PAUSE: Duration = Duration::from_millis(50);
/// and how much longer when nothing does.
const LOOK: Duration = Duration::from_millis(450);
/// When to come again, for whoever watches too many.
const AGAIN: Duration = Duration::from_secs(15);

/// Those who watch. Cheap to clone.
#[derive(Clone)]
pub struct Watching {
    room: Arc<Room>,
}

struct Room {
    /// How many streams one person may have.
    most: usize,
    seats: Mutex<Seats>,
    came: Notify,
}

#[derive(Default)]
struct Seats {
    by_job: HashMap<JobId, watch::Sender<Seen>>,
    by_owner: HashMap<UserId, usize>,
}

/// A job as it was seen last, without what it is about and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seen {
    /// Nobody has looked yet.
    #[default]
    NotYet,
    /// Like this.
    So(Box<Job>),
    /// It is not there any more.
    Gone,
}

/// One that watches a job; dropped, it watches no more.
pub struct Seat {
    room: Arc<Room>,
    owner: UserId,
    job: JobId,
    heard: watch::Receiver<Seen>,
}

impl Watching {
    /// So many streams for each person.
    pub fn new(most: usize) -> Self {
        Self { room: Arc::new(Room { most, seats: Mutex::default(), came: Notify::new() }) }
    }

    /// Watches a job from now on, unless its owner watches too many.
    pub fn watch(&self, owner: UserId, job: JobId) -> Result<Seat> {
        let mut seats = self.room.seats();
        let own = seats.by_owner.entry(owner).or_default();
        if *own >= self.room.most {
            return Err(Error::TooMany(AGAIN));
        }
        *own += 1;
        let heard = seats.by_job.entry(job).or_default().subscribe();
        drop(seats);
        self.room.came.notify_one();
        Ok(Seat { room: self.room.clone(), owner, job, heard })
    }

    /// Looks at what is watched until it is told to stop.
    pub async fn follow(&self, queue: Queue, stop: Stop) {
        tokio::select! {
            () = self.look(&queue) => {}
            () = stop.wait() => {}
        }
    }

    async fn look(&self, queue: &Queue) {
        let mut called_off = queue.off.listener();
        loop {
            let ids = self.room.watched();
            if ids.is_empty() {
                self.room.came.notified().await;
                continue;
            }
            for part in ids.chunks(AT_ONCE) {
                match queue.store.find_all(None, part).await {
                    Ok(jobs) => self.room.tell(part, jobs),
                    Err(error) => tracing::warn!(error = %error, "jobs that are watched cannot be looked at"),
                }
            }
            tokio::time::sleep(PAUSE).await;
            called_off.wait(LOOK).await;
        }
    }
}

impl Room {
    fn watched(&self) -> Vec<JobId> {
        self.seats().by_job.keys().copied().collect()
    }

    /// Tells whoever watches these jobs what was seen of them, if it is different.
    fn tell(&self, ids: &[JobId], jobs: Vec<Job>) {
        let mut seen: HashMap<JobId, Job> = jobs.into_iter().map(|job| (job.id, job)).collect();
        let seats = self.seats();
        for id in ids {
            let Some(sender) = seats.by_job.get(id) else { continue };
            let now = seen.remove(id).map_or(Seen::Gone, |job| Seen::So(Box::new(job)));
            sender.send_if_modified(|before| {
                let changed = *before != now;
                *before = now;
                changed
            });
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Which job it is about.
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// Waits until the job looks different.
    pub async fn next(&mut self) -> Seen {
        // The sender stays for as long as anybody sits here.
        let _ = self.heard.changed().await;
        self.heard.borrow_and_update().clone()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.room.seats();
        // This one still counts among them.
        if seats.by_job.get(&self.job).is_some_and(|sender| sender.receiver_count() <= 1) {
            seats.by_job.remove(&self.job);
        }
        if let Some(own) = seats.by_owner.get_mut(&self.owner) {
            *own -= 1;
            if *own == 0 {
                seats.by_owner.remove(&self.owner);
            }
        }
    }
}
