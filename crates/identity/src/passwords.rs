//! Passwords: argon2id on a few threads of low priority, so that log-ins never starve the rest of the house.

mod commonest;
mod hasher;
mod memory;
mod origin;
mod queue;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use types::{Error, Result};
use unicode_normalization::UnicodeNormalization;

pub use commonest::is_common;
use hasher::Hasher;
use origin::Origin;
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

/// How a password stands to a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// It is another password's, or there is none.
    Other,
    /// It is this password's.
    Same,
    /// It is this password's, made when hashes cost less than they do now: it is time for another.
    SameButCheap,
}

/// The hashing threads. Cheap to clone; they end with the last clone.
#[derive(Clone)]
pub struct Passwords {
    door: Arc<Door>,
    spent: Spent,
}

struct Door(Arc<Queue<Job>>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What all threads have worked together.
#[derive(Clone, Default)]
struct Spent(Arc<AtomicU64>);

impl Spent {
    fn add(&self, work: u64) {
        self.0.fetch_add(work, Ordering::Relaxed);
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
    Like(Likeness),
}

impl Passwords {
    /// Starts so many threads; more than `most` waiting jobs are refused, those of whoever has most of them first.
    pub fn start(cost: Cost, threads: usize, most: usize) -> Result<Self> {
        let (queue, spent) = (Arc::new(Queue::new(most)), Spent::default());
        for _ in 0..threads {
            let (hasher, queue) = (Hasher::new(cost, spent.clone())?, queue.clone());
            thread::Builder::new()
                .name("passwords".into())
                .spawn(move || run(hasher, &queue))
                .map_err(|e| Error::internal_by("the hashing threads cannot start", e))?;
        }
        Ok(Self { door: Arc::new(Door(queue)), spent })
    }

    /// The hash of a new password, for whoever calls from this address.
    pub async fn hash(&self, password: &str, address: &str) -> Result<String> {
        match self.ask(Work::Hash(prepared(password)), address).await? {
            Answer::Hash(hash) => Ok(hash),
            Answer::Like(_) => Err(Error::internal("a hash was asked for")),
        }
    }

    /// Whether this password has this hash; after as much work, it has not when there is none.
    pub async fn compare(&self, password: &str, hash: Option<String>, address: &str) -> Result<Likeness> {
        match self.ask(Work::Compare(prepared(password), hash), address).await? {
            Answer::Like(likeness) => Ok(likeness),
            Answer::Hash(_) => Err(Error::internal("a comparison was asked for")),
        }
    }

    /// All work done so far, in KiB of memory passed over: what shows that two answers took the same.
    pub fn spent(&self) -> u64 {
        self.spent.0.load(Ordering::Relaxed)
    }

    async fn ask(&self, work: Work, address: &str) -> Result<Answer> {
        let crowded = || Error::unavailable("too many passwords wait to be hashed");
        let (reply, answer) = oneshot::channel();
        if let Some(refused) = self.door.0.put(Origin::of(address), Job { work, reply }) {
            // Its own asker hears of it; this may be somebody else's.
            let _ = refused.reply.send(Err(crowded()));
        }
        answer.await.map_err(|_| Error::internal("the hashing threads are gone"))?
    }
}

/// A password as it is hashed: composed, since one keyboard types `й` as one character and another as two. Nothing is
/// trimmed and no letter changes its case.
fn prepared(password: &str) -> String {
    password.nfc().collect()
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
                        hasher.compare(&password, hash.as_deref()).map(Answer::Like)
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

    fn cheap() -> Passwords {
        Passwords::start(CHEAP, 1, 8).unwrap()
    }

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        testkit::run(async {
            let passwords = cheap();
            let hash = passwords.hash("correct horse", "").await.unwrap();
            assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
            assert_ne!(passwords.hash("correct horse", "").await.unwrap(), hash, "salts differ");
            for (password, known, likeness) in [
                ("correct horse", true, Likeness::Same),
                ("correct horse ", true, Likeness::Other),
                ("Correct horse", true, Likeness::Other),
                ("wrong", true, Likeness::Other),
                ("nobody", false, Likeness::Other),
            ] {
                let hash = known.then(|| hash.clone());
                assert_eq!(passwords.compare(password, hash, "").await.unwrap(), likeness, "{password}");
            }
        });
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        testkit::run(async {
            let passwords = cheap();
            let hash = passwords.hash("зелений чай", "").await.unwrap();
            let decomposed = "зелении\u{306} чаи\u{306}";
            let compared = passwords.compare(decomposed, Some(hash), "").await.unwrap();
            assert_eq!(compared, Likeness::Same);
        });
    }

    #[test]
    fn a_wrong_password_costs_the_same_beside_no_hash_a_hash_and_a_cheaper_one() {
        testkit::run(async {
            let dear = Passwords::start(Cost { memory_kib: 64, passes: 3, lanes: 1 }, 1, 8).unwrap();
            let (old, own) =
                (cheap().hash("right", "").await.unwrap(), dear.hash("right", "").await.unwrap());
            for hash in [None, Some(own.clone()), Some(old.clone())] {
                let before = dear.spent();
                let compared = dear.compare("wrong", hash.clone(), "").await.unwrap();
                // The rest is rounded up to a whole KiB a pass.
                let spent = dear.spent() - before;
                assert_eq!(compared, Likeness::Other);
                assert!((192..195).contains(&spent), "{hash:?} took {spent}");
            }
            let right = async |hash| dear.compare("right", Some(hash), "").await.unwrap();
            assert_eq!((right(own).await, right(old).await), (Likeness::Same, Likeness::SameButCheap));
        });
    }

    #[test]
    fn a_long_queue_refuses_instead_of_growing() {
        testkit::run(async {
            let slow = Cost { memory_kib: 19_456, passes: 2, lanes: 1 };
            let passwords = Passwords::start(slow, 1, 8).unwrap();
            let crowd = (0..12).map(|_| passwords.hash("x", "192.0.2.1"));
            let (crowd, other) = futures_util::future::join(
                futures_util::future::join_all(crowd),
                passwords.hash("x", "192.0.2.2"),
            )
            .await;
            assert!(crowd.iter().any(|hash| matches!(hash, Err(Error::Unavailable { .. }))));
            assert!(crowd.iter().any(Result::is_ok));
            assert!(other.is_ok(), "somebody else's crowd is in nobody's way");
        });
    }
}
