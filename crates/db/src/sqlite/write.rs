//! The writer: takes what waits, gives each job its own fate inside one transaction, commits once, answers all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{Log, execute};
use crate::{Along, Error, Result, Step};

/// Jobs committed at once. More would make the first of them wait for the last.
const GROUP: usize = 256;
/// A group is committed after this long, however many wait: a bound on what its first job waits for.
const GROUP_TIME: Duration = Duration::from_millis(10);
/// Jobs that may wait for the writer before their callers wait as well.
const QUEUE: usize = 4_096;
/// What a job inside the writer may take; longer ones hold up everybody's commit and are told of.
const SLOW: Duration = Duration::from_millis(20);

/// What the writer is asked to do.
pub enum Job {
    /// Statements that are one transaction, and what to tell when they are durable.
    Batch {
        /// The statements.
        steps: Vec<Step>,
        /// How many of them are the store's own.
        own: usize,
        /// Told after the commit.
        companions: Along,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<()>>,
    },
    /// A closure that reads and writes; it gives back what to do once the fate of its commit is known.
    Act(Act),
}

/// Runs inside the writer's transaction, or hears why there is none, and does not panic. The first part of its answer
/// says whether its changes shall stay.
pub type Act = Box<dyn FnOnce(Result<&mut Connection>) -> (Result<()>, Answer) + Send>;
/// Told how it ended.
pub type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// The writer's thread.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: Arc<JoinHandle<()>>,
}

impl Writer {
    /// Starts it on this connection.
    pub fn start(connection: Arc<Mutex<Connection>>, log: Log) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("db-writer".into())
            .spawn(move || run(&connection, log, waiting))
            .map_err(|e| Error::Other(format!("the writer's thread cannot start: {e}")))?;
        Ok(Self { jobs, thread: Arc::new(thread) })
    }

    /// Hands a job over. From then on it runs to its end, whether or not anybody still waits for the answer.
    pub async fn hand(&self, job: Job) -> Result<()> {
        self.jobs.send(job).await.map_err(|_| Error::Unavailable("the database is closed".into()))
    }

    /// Whether there is no other handle.
    pub fn is_last(&self) -> bool {
        Arc::strong_count(&self.thread) == 1
    }

    /// Waits for the thread's end, which comes when every handle to it is gone; only the last one waits.
    pub fn join(self) {
        let Self { jobs, thread } = self;
        drop(jobs);
        if let Some(handle) = Arc::into_inner(thread) {
            let _ = handle.join();
        }
    }
}

fn run(connection: &Mutex<Connection>, mut log: Log, mut waiting: mpsc::Receiver<Job>) {
    while let Some(first) = waiting.blocking_recv() {
        let group = connection.lock().unwrap_or_else(PoisonError::into_inner);
        Group { connection: group, answers: Vec::new() }.run(first, &mut waiting);
        log.tend(&connection.lock().unwrap_or_else(PoisonError::into_inner));
    }
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    // Leaves one file behind instead of three; whatever fails here is made good at the next start.
    let _ = connection.execute_batch("pragma wal_checkpoint(truncate)");
}

/// Jobs that are committed together.
struct Group<'c> {
    connection: MutexGuard<'c, Connection>,
    answers: Vec<(Answer, Result<()>)>,
}

impl Group<'_> {
    fn run(mut self, first: Job, waiting: &mut mpsc::Receiver<Job>) {
        let started = Instant::now();
        let begun = self.say("begin immediate");
        let mut next = Some(first);
        while let Some(job) = next.take() {
            let (result, answer) = match &begun {
                Ok(()) => self.fate(job),
                Err(error) => refuse(job, error),
            };
            self.answers.push((answer, result));
            // A full disk undoes the whole transaction, not only the statement that met it.
            let aborted = self.connection.is_autocommit();
            if !aborted && self.answers.len() < GROUP && started.elapsed() < GROUP_TIME {
                next = waiting.try_recv().ok();
            }
        }
        self.end();
    }

    /// Commits, and tells everybody.
    fn end(mut self) {
        let committed = if self.connection.is_autocommit() {
            let met = self.answers.iter().rev().find_map(|(_, result)| result.as_ref().err().cloned());
            Err(met.unwrap_or_else(|| Error::Unavailable("the transaction was undone".into())))
        } else {
            self.commit()
        };
        if committed.is_err() && !self.connection.is_autocommit() {
            let _ = self.say("rollback");
        }
        let answers = std::mem::take(&mut self.answers);
        drop(self);
        for (answer, result) in answers {
            answer(result.and_then(|()| committed.clone()));
        }
    }

    /// Does one job, or leaves no trace of it.
    fn fate(&mut self, job: Job) -> (Result<()>, Answer) {
        let started = Instant::now();
        let done = match job {
            Job::Batch { steps, own, companions, reply } => {
                let result = self.steps(&steps, own);
                let answer: Answer = Box::new(move |result| {
                    if result.is_ok() {
                        companions.committed();
                    }
                    let _ = reply.send(result);
                });
                (result, answer)
            }
            Job::Act(act) => self.act(act),
        };
        let taken = started.elapsed();
        if taken > SLOW {
            tracing::warn!(duration_us = taken.as_micros(), "a write held up the others");
        }
        done
    }

    fn steps(&mut self, steps: &[Step], own: usize) -> Result<()> {
        // One insert undoes itself when it fails; everything else gets a point to go back to.
        if let [step] = steps
            && step.is_plain_insert()
        {
            return execute(&self.connection, &step.sql).and_then(|touched| step.expect(0, own, touched));
        }
        self.say("savepoint job")?;
        let result = steps
            .iter()
            .enumerate()
            .try_for_each(|(at, step)| step.expect(at, own, execute(&self.connection, &step.sql)?));
        self.settle(result)
    }

    fn act(&mut self, act: Act) -> (Result<()>, Answer) {
        if let Err(error) = self.say("savepoint job") {
            return act(Err(error));
        }
        let (result, answer) = act(Ok(&mut *self.connection));
        (self.settle(result), answer)
    }

    /// Keeps what was done since the savepoint, or undoes it.
    fn settle(&mut self, result: Result<()>) -> Result<()> {
        if self.connection.is_autocommit() {
            return result.and(Err(Error::Unavailable("the transaction was undone".into())));
        }
        let undone = if result.is_err() { self.say("rollback to job") } else { Ok(()) };
        if let Err(error) = undone.and_then(|()| self.say("release job")) {
            // What is left of the job cannot be told from the others' work any more.
            let _ = self.say("rollback");
            return Err(error);
        }
        result
    }

    fn commit(&mut self) -> Result<()> {
        let mut prepared = self.connection.prepare_cached("commit").map_err(Error::from_sqlite)?;
        prepared.execute([]).map(drop).map_err(Error::from_sqlite_commit)
    }

    fn say(&mut self, text: &'static str) -> Result<()> {
        let mut prepared = self.connection.prepare_cached(text).map_err(Error::from_sqlite)?;
        prepared.execute([]).map(drop).map_err(Error::from_sqlite)
    }
}

/// The answer to a job that was never tried.
fn refuse(job: Job, error: &Error) -> (Result<()>, Answer) {
    match job {
        Job::Batch { reply, .. } => (Err(error.clone()), Box::new(move |result| drop(reply.send(result)))),
        Job::Act(act) => act(Err(error.clone())),
    }
}
