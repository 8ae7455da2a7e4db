//! Queues, workers and handlers of a test.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::stop::{Stop, Trigger};
use async_trait::async_trait;
use db::{Batch, Db, Migration, sql};
use jobs::{Backoff, Handler, Kind, Outcome, Queue, Running};
use testkit::TestDb;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use types::{Clock, Ids, Result, SystemClock, Timestamp};

/// The tables of a test: jobs, and a ledger that handlers write to.
pub const SCHEMA: &[Migration] = &[
    jobs::MIGRATIONS[0],
    jobs::MIGRATIONS[1],
    jobs::MIGRATIONS[2],
    jobs::MIGRATIONS[3],
    jobs::MIGRATIONS[4],
    jobs::MIGRATIONS[5],
    LEDGER,
];
pub const LEDGER: Migration = Migration {
    domain: "ledger",
    number: 1,
    name: "0001_ledger",
    up: db::Script {
        any: "create table ledger (id bigint not null, job bigint not null, constraint ledger_pkey primary key (id));",
        servers: None,
    },
    down: "drop table ledger;",
};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process with a slot of its own.
pub struct Process {
    pub queue: Queue,
    pub db: Db,
}

impl Process {
    pub fn new(test: &TestDb, slot: i64) -> Self {
        Self::by(test, slot, Arc::new(SystemClock))
    }

    /// A process that goes by this clock.
    pub fn by(test: &TestDb, slot: i64, clock: Arc<dyn Clock>) -> Self {
        let ids = Ids::new(clock.clone(), slot, Timestamp::from_micros(i64::MAX / 2));
        let db = if slot == 0 { test.db.clone() } else { test.reopened() };
        Self { queue: Queue::new(db.clone(), ids, clock), db }
    }

    /// A worker that goes on until the trigger is pulled.
    pub fn work(&self, handlers: Vec<Arc<dyn Handler>>, room: usize) -> (Trigger, JoinHandle<()>) {
        let (stop, trigger) = Stop::manual();
        let queue = self.queue.clone();
        let working = tokio::spawn(async move { queue.work(handlers, ("test".into(), room), stop).await });
        (trigger, working)
    }
}

/// What a handler of a test does with a job.
pub type Deed = Box<dyn Fn(&Running) -> Result<Outcome> + Send + Sync>;

/// A handler that notes what it was given.
pub struct Noting {
    pub kind: Kind,
    pub seen: Mutex<Vec<(i64, i64)>>,
    pub deed: Deed,
}

impl Noting {
    pub fn new(
        name: &'static str,
        deed: impl Fn(&Running) -> Result<Outcome> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let backoff =
            Backoff { attempts: 3, base: Duration::from_millis(20), cap: Duration::from_millis(40) };
        Self::of(Kind::new(name).tried(backoff), deed)
    }

    pub fn of(kind: Kind, deed: impl Fn(&Running) -> Result<Outcome> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { kind, seen: Mutex::default(), deed: Box::new(deed) })
    }

    /// Which job, and which attempt, in the order in which they came.
    pub fn seen(&self) -> Vec<(i64, i64)> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl Handler for Noting {
    fn kind(&self) -> Kind {
        self.kind
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        self.seen.lock().unwrap().push((job.id().number(), job.attempt()));
        (self.deed)(job)
    }
}

/// A handler whose effect is a row of the ledger.
pub struct Bookkeeper {
    pub db: Db,
    pub next: AtomicI64,
    pub kind: Kind,
    /// How long it thinks before it writes.
    pub slowly: Duration,
}

impl Bookkeeper {
    pub fn new(process: &Process, slot: i64, slowly: Duration) -> Arc<Self> {
        let next = AtomicI64::new(slot << 40);
        Arc::new(Self { db: process.db.clone(), next, kind: Kind::new("book"), slowly })
    }
}

#[async_trait]
impl Handler for Bookkeeper {
    fn kind(&self) -> Kind {
        self.kind
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        tokio::time::sleep(self.slowly).await;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let row = sql!("insert into ledger (id, job) values (?, ?)", id, job.id());
        self.db.write(Batch::of_one(row).along(job.acknowledge())).await?;
        Ok(Outcome::Done)
    }
}

/// A handler that sleeps until it is woken, and then writes.
pub struct Sleeper {
    db: Db,
    pub awake: Arc<Notify>,
    /// How many sleep.
    pub asleep: AtomicI64,
    /// How many of its writes were refused.
    pub refused: AtomicI64,
}

impl Sleeper {
    pub fn new(process: &Process) -> Arc<Self> {
        Arc::new(Self {
            db: process.db.clone(),
            awake: Arc::default(),
            asleep: AtomicI64::new(0),
            refused: AtomicI64::new(0),
        })
    }
}

#[async_trait]
impl Handler for Sleeper {
    fn kind(&self) -> Kind {
        Kind::new("book")
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        let waking = self.awake.notified();
        self.asleep.fetch_add(1, Ordering::Relaxed);
        waking.await;
        let row = sql!("insert into ledger (id, job) values (?, ?)", job.id(), job.id());
        let written = self.db.write(Batch::of_one(row).along(job.acknowledge())).await;
        if matches!(written, Err(db::Error::Missed { along: true, .. })) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        Ok(written.map(|()| Outcome::Done)?)
    }
}

/// How many rows the ledger has, and of how many jobs.
pub async fn ledger(db: &Db) -> (i64, i64) {
    let counted = sql!("select count(*), count(distinct job) from ledger");
    db.first(counted).await.unwrap().unwrap()
}

/// Waits until the value is as wanted.
pub async fn until<T: PartialEq + std::fmt::Debug, F: Future<Output = T>>(wanted: T, look: impl Fn() -> F) {
    until_in(PATIENCE, wanted, look).await;
}

/// The same, for what takes longer.
pub async fn until_in<T: PartialEq + std::fmt::Debug, F: Future<Output = T>>(
    patience: Duration,
    wanted: T,
    look: impl Fn() -> F,
) {
    let waiting = async {
        while look().await != wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(patience, waiting).await.is_err() {
        assert_eq!(look().await, wanted, "it did not become so in time");
    }
}

/// How many rows this table has.
pub async fn rows(db: &Db, table: &str) -> i64 {
    db.first(sql!("select count(*) from ").push(table)).await.unwrap().unwrap()
}
