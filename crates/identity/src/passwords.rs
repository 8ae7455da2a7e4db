//! Passwords: argon2id on a few threads of low priority, so that log-ins never starve the rest of the house.

mod hasher;
mod queue;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use types::{Error, Result};

use hasher::Hasher;
use queue::{Queue, Taken};

/// How much lower than the rest: with both cores busy, a request's thread gets nine parts of ten.
const NICENESS: i32 = 10;

/// What a hash costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// A thread gives its memory back when it had nothing to do for so long.
const IDLE: Duration = Duration::from_secs(2);

/// The hashing threads. Cheap to clone; they end with the last clone.
#[derive(Clone)]
pub struct Passwords {
    door: Arc<Door>,
}

struct Door(Arc<Queue<Job>>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct Job {
    work: Work,
    reply: oneshot::Sender<Result<Answer>>,
}

enum Work {
    Hash(String),
    /// Without a hash the work is the same, so that an unknown account takes as long as a wrong password.
    Compare(String, Option<String>),
}

enum Answer {
    Hash(String),
    Same(bool),
}

impl Passwords {
    /// Starts so many threads; more than `most` waiting jobs are refused.
    pub fn start(cost: Cost, threads: usize, most: usize) -> Result<Self> {
        let queue = Arc::new(Queue::new(most));
        for _ in 0..threads {
            let (hasher, queue) = (Hasher::new(cost)?, queue.clone());
            thread::Builder::new()
                .name("passwords".into())
                .spawn(move || run(hasher, &queue))
                .map_err(|e| Error::internal_by("the hashing threads cannot start", e))?;
        }
        Ok(Self { door: Arc::new(Door(queue)) })
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: String) -> Result<String> {
        match self.ask(Work::Hash(password)).await? {
            Answer::Hash(hash) => Ok(hash),
            Answer::Same(_) => Err(Error::internal("a hash was asked for")),
        }
    }

    /// Whether this password has this hash; false, after as long, when there is none.
    pub async fn matches(&self, password: String, hash: Option<String>) -> Result<bool> {
        match self.ask(Work::Compare(password, hash)).await? {
            Answer::Same(same) => Ok(same),
            Answer::Hash(_) => Err(Error::internal("a comparison was asked for")),
        }
    }

    async fn ask(&self, work: Work) -> Result<Answer> {
        let (reply, answer) = oneshot::channel();
        if !self.door.0.put(Job { work, reply }) {
            return Err(Error::unavailable("too many passwords wait to be hashed"));
        }
        answer.await.map_err(|_| Error::internal("the hashing threads are gone"))?
    }
}

fn run(mut hasher: Hasher, queue: &Queue<Job>) {
    let own = rustix::thread::gettid();
    // Where that is not allowed, log-ins are merely as important as everything else.
    let _ = rustix::process::setpriority_process(Some(own), NICENESS);
    loop {
        match queue.take(IDLE) {
            // Whoever asked may have left; a hash costs too much to be made for nobody.
            Taken::Job(job) if job.reply.is_closed() => {}
            Taken::Job(Job { work, reply }) => {
                let _ = reply.send(match work {
                    Work::Hash(password) => hasher.hash(&password).map(Answer::Hash),
                    Work::Compare(password, hash) => {
                        hasher.matches(&password, hash.as_deref()).map(Answer::Same)
                    }
                });
            }
            Taken::Nothing => hasher.rest(),
            Taken::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        testkit::run(async {
            let passwords = Passwords::start(CHEAP, 1, 8).unwrap();
            let hash = passwords.hash("correct horse".into()).await.unwrap();
            assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
            assert_ne!(passwords.hash("correct horse".into()).await.unwrap(), hash, "salts differ");
            for (password, known, same) in
                [("correct horse", true, true), ("wrong", true, false), ("nobody", false, false)]
            {
                let hash = known.then(|| hash.clone());
                assert_eq!(passwords.matches(password.into(), hash).await.unwrap(), same, "{password}");
            }
        });
    }

    #[test]
    fn a_long_queue_refuses_instead_of_growing() {
        testkit::run(async {
            let slow = Cost { memory_kib: 19_456, passes: 2, lanes: 1 };
            let passwords = Passwords::start(slow, 1, 2).unwrap();
            let asked = futures_util::future::join_all((0..8).map(|_| passwords.hash("x".into()))).await;
            assert!(asked.iter().any(|hash| matches!(hash, Err(Error::Unavailable { .. }))));
            assert!(asked.iter().any(Result::is_ok));
        });
    }
}
