//! Small writes that wait for a server at the same time are committed together: a commit of its own costs each of them
//! more than its statements do. What goes wrong in one undoes all of them, and then each is done alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::{Error, Result, Step};

/// So many are under way alone before others wait for each other: one that is held up must not hold up all.
const ALONE: usize = 4;
/// Writes of one transaction.
const TOGETHER: usize = 32;
/// Statements of a write that is small.
const SMALL: usize = 16;

/// A write: its statements, and how many of them are the store's own.
pub type Work = (Arc<Vec<Step>>, usize);

/// A small write that goes with others.
pub struct Job {
    work: Work,
    /// Where the answer goes: none when it has to be done alone.
    reply: oneshot::Sender<Option<Result<()>>>,
}

impl Job {
    /// What is to be done.
    pub fn work(&self) -> Work {
        self.work.clone()
    }

    /// Tells it what became of all of them.
    pub fn answer(self, written: &Result<()>) {
        let _ = self.reply.send(match written {
            // What may have happened must not happen twice, and a server that is not there is not there for one alone.
            Ok(()) | Err(Error::Unknown(_) | Error::Unavailable(_)) => Some(written.clone()),
            Err(_) => None,
        });
    }
}

/// Those who wait. Cheap to clone.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    alone: usize,
    waiting: Vec<Job>,
    /// Somebody takes those who wait.
    is_served: bool,
}

/// How a write goes.
pub enum Way {
    /// By itself, while this is held.
    Alone(Place),
    /// With others: where its answer comes from, and who serves them if nobody does.
    Together(oneshot::Receiver<Option<Result<()>>>, Option<Server>),
}

/// Held by a write that is under way alone.
pub struct Place(Line);

/// Serves those who wait until there are none.
pub struct Server {
    line: Line,
    is_done: bool,
}

impl Line {
    /// Which way this write goes.
    pub fn enter(&self, steps: &Arc<Vec<Step>>, own: usize) -> Way {
        let mut queue = self.queue();
        if queue.alone < ALONE || steps.len() > SMALL {
            queue.alone += 1;
            return Way::Alone(Place(self.clone()));
        }
        let (reply, answer) = oneshot::channel();
        queue.waiting.push(Job { work: (steps.clone(), own), reply });
        let is_served = std::mem::replace(&mut queue.is_served, true);
        Way::Together(answer, (!is_served).then(|| Server { line: self.clone(), is_done: false }))
    }

    /// The same for one that has to go alone.
    pub fn alone(&self) -> Place {
        self.queue().alone += 1;
        Place(self.clone())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Those who are next, as many as may be; none when nobody waits.
    pub fn next(&mut self) -> Option<Vec<Job>> {
        let mut queue = self.line.queue();
        let many = queue.waiting.len().min(TOGETHER);
        self.is_done = many == 0;
        queue.is_served = !self.is_done;
        (!self.is_done).then(|| queue.waiting.drain(..many).collect())
    }
}

/// When it is dropped early whoever still waits goes alone. Those whose turn it was hear nothing: it may have happened.
impl Drop for Server {
    fn drop(&mut self) {
        if !self.is_done {
            let mut queue = self.line.queue();
            queue.is_served = false;
            for job in queue.waiting.drain(..) {
                let _ = job.reply.send(None);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queue().alone -= 1;
    }
}
