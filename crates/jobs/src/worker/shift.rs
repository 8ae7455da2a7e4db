//! From signing in to signing out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::stop::Stop;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use types::{JobId, Result};

use super::Crew;
use super::ends::{self, Ended};
use super::keeper::lease;
use crate::queue::Queue;
use crate::store::Signed;

/// How long what runs may go on after it was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How often it is looked whether all has ended.
const GLANCE: Duration = Duration::from_millis(20);
/// How long the last results may take to be written.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Why a job is let go of before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Somebody called it off.
    CalledOff,
    /// The process ends.
    Stopping,
}

/// A worker that is signed in. Cheap to clone.
#[derive(Clone)]
pub struct Shift {
    pub(super) queue: Queue,
    pub(super) crew: Arc<Crew>,
    /// Its number, which no other worker ever had.
    pub(super) id: i64,
    /// How many more jobs it may have.
    pub(super) room: Arc<Semaphore>,
    pub(super) ended: mpsc::Sender<(Ended, OwnedSemaphorePermit)>,
    running: Arc<Mutex<HashMap<JobId, oneshot::Sender<Leave>>>>,
}

impl Shift {
    /// Signs in.
    pub async fn begin(queue: Queue, crew: Arc<Crew>) -> Result<Begun> {
        for kind in crew.kinds() {
            queue.store.limit(kind.name, kind.most).await?;
        }
        for (kind, every) in crew.timed() {
            queue.keep_time(kind, every).await?;
        }
        let id = queue.ids.next::<Signed>()?.number();
        let now = queue.clock.now();
        let signed = Signed {
            id,
            holder: crew.holder.clone(),
            lanes: crew.names(),
            room: i64::try_from(crew.room).unwrap_or(i64::MAX),
        };
        queue.store.sign_in(&signed, now, now.plus(lease(queue.store.have_one_process()))).await?;
        let (ended, ends) = mpsc::channel(crew.room.max(1));
        let room = Arc::new(Semaphore::new(crew.room));
        let shift = Self { queue, crew, id, room, ended, running: Arc::default() };
        Ok(Begun { shift, ends })
    }

    /// Notes that a job runs, and hears when it is to be let go of.
    pub(super) fn enter(&self, job: JobId) -> oneshot::Receiver<Leave> {
        let (leave, left) = oneshot::channel();
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(job, leave);
        left
    }

    /// Notes that it has ended.
    pub(super) fn left(&self, job: JobId) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
    }

    /// Has a job let go of, if it runs here.
    pub(super) fn send_away(&self, job: JobId, why: Leave) {
        let leave = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
        if let Some(leave) = leave {
            // Whoever does not hear it any more has just ended.
            let _ = leave.send(why);
        }
    }

    fn all(&self) -> Vec<JobId> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// How much of its room is taken.
    pub(super) fn busy(&self) -> usize {
        self.crew.room.saturating_sub(self.room.available_permits())
    }

    async fn is_idle(&self) {
        while self.busy() > 0 {
            sleep(GLANCE).await;
        }
    }
}

/// A shift that has begun.
pub struct Begun {
    shift: Shift,
    ends: mpsc::Receiver<(Ended, OwnedSemaphorePermit)>,
}

impl Begun {
    /// Works until it is told to stop, or is taken for dead.
    pub async fn last(self, stop: &Stop) {
        let Self { shift, ends } = self;
        let mut writing = JoinSet::new();
        writing.spawn(ends::write(shift.clone(), ends));
        let lost = tokio::select! {
            () = shift.take_all(stop) => false,
            () = shift.reap() => false,
            () = shift.promote() => false,
            () = shift.carry() => false,
            () = shift.watch_the_clock() => false,
            () = shift.keep() => true,
        };
        if lost {
            tracing::warn!(worker = shift.id, "this worker was taken for dead, and begins anew");
        } else {
            shift.wind_up().await;
        }
        shift.all().into_iter().for_each(|job| shift.send_away(job, Leave::Stopping));
        let wrote = timeout(LAST_WORDS, shift.is_idle()).await;
        writing.shutdown().await;
        if wrote.is_err() || lost {
            return;
        }
        if let Err(error) = shift.queue.store.sign_out(shift.id).await {
            tracing::warn!(error = %error, "the worker could not be signed out; its lease will run out");
        }
    }
}

impl Shift {
    /// Takes jobs from the table and from the broker until it is told to stop.
    async fn take_all(&self, stop: &Stop) {
        futures_util::future::join(self.claims(stop), self.receive(stop)).await;
    }

    /// Lets what runs come to its end, and keeps its lease meanwhile.
    async fn wind_up(&self) {
        let ended = timeout(GRACE, self.is_idle());
        tokio::select! {
            _ = ended => {}
            () = self.keep() => {}
        }
    }
}
