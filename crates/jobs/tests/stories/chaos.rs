//! Workers that die at any moment, over and over: every effect happens once, and what the dead held is taken over soon.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::stop::Stop;
use db::{Db, FromRow, Row, Settings, sql};
use jobs::{Draft, Queue};
use testkit::{Engine, TestDb};
use types::{Clock, Ids, SystemClock, Timestamp};

use super::trial::{Bookkeeper, Process, SCHEMA, ledger, rows, until_in};

/// How long what the dead held may wait.
const BAR: Duration = Duration::from_secs(15);

/// Workers at once.
const CREW: usize = 3;

/// Which worker of all that there ever were, and on which database: for the child below.
const WORKER: &str = "DAYBOOK_TEST_WORKER";
const DATABASE: &str = "DAYBOOK_TEST_WORKER_DATABASE";

/// A worker as a process of its own, which can be killed.
struct Worker(Child);

impl Worker {
    fn start(nth: usize, url: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["stories::chaos::works_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(WORKER, nth.to_string())
            .env(DATABASE, url)
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child of the tests below.
#[test]
#[ignore = "run by the tests that kill it"]
fn works_until_it_is_killed() {
    let nth: i64 = std::env::var(WORKER).unwrap().parse().unwrap();
    let url = std::env::var(DATABASE).unwrap();
    testkit::run(async {
        let db = Db::open(&Settings { connections: 4, ..Settings::new(url) }).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        // Numbers of ids are nobody else's while a slot is; so many workers have one after the other.
        let ids = Ids::new(clock.clone(), nth % 31 + 1, Timestamp::from_micros(i64::MAX / 2));
        let process = Process { queue: Queue::new(db.clone(), ids, clock), db };
        let book = Bookkeeper::new(&process, nth, Duration::from_millis(5));
        process.queue.work(vec![book], ("child".into(), 200), Stop::default()).await;
    });
}

/// How long each attempt that was lost lay there until the job was begun again.
struct Lost(Duration);

impl FromRow for Lost {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let (died, again): (Timestamp, Timestamp) = (row.get(0)?, row.get(1)?);
        Ok(Self(again.since(died)))
    }
}

/// Kills workers so many times while they do so many jobs.
async fn killed(test: TestDb, kills: usize, jobs: usize) {
    let process = Process::new(&test, 0);
    for _ in 0..jobs / 500 {
        let drafts = (0..500).map(|_| Draft::new("book", "{}", 25));
        process.queue.add(drafts.collect()).await.unwrap();
    }
    let mut workers: Vec<Worker> = (0..CREW).map(|nth| Worker::start(nth + 1, &test.url)).collect();
    let mut dice = 17_u64;
    for nth in 0..kills {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(50 + (dice >> 33) % 300)).await;
        let which = usize::try_from(dice >> 40).unwrap() % CREW;
        workers[which] = Worker::start(CREW + nth + 1, &test.url);
    }
    let all = i64::try_from(jobs / 500 * 500).unwrap();
    let begun = Instant::now();
    until_in(Duration::from_mins(5), 0, async || rows(&test.db, "jobs where state <> 2").await).await;
    let left = begun.elapsed();
    drop(workers);
    assert_eq!(ledger(&test.db).await, (all, all), "each effect once, none lost");
    assert_eq!(rows(&test.db, "job_held").await, 0);
    let lost = sql!(
        "select lost.started_at, coalesce(next.started_at, jobs.started_at) from job_attempts lost \
         join jobs on jobs.id = lost.job_id \
         left join job_attempts next on next.job_id = lost.job_id and next.attempt = lost.attempt + 1 \
         where lost.outcome = 'lost'"
    );
    let mut waits: Vec<Duration> =
        test.db.scan::<Lost>(lost).await.unwrap().into_iter().map(|Lost(wait)| wait).collect();
    waits.sort_unstable();
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or_default();
    println!(
        "{all} jobs, {kills} kills, {} attempts lost, from the lost attempt's beginning to the next p99 {p99:?}; \
         all done {left:?} after the last kill",
        waits.len()
    );
    assert!(p99 <= BAR, "taken over after {p99:?}");
}

#[test]
#[ignore = "needs PostgreSQL"]
fn workers_outlive_ten_kills_on_postgres() {
    testkit::run(async { killed(TestDb::new(Engine::Postgres, SCHEMA).await, 10, 5_000).await });
}

#[test]
#[ignore = "needs MariaDB"]
fn workers_outlive_ten_kills_on_mariadb() {
    testkit::run(async { killed(TestDb::new(Engine::Mariadb, SCHEMA).await, 10, 5_000).await });
}

#[test]
#[ignore = "takes minutes, and needs PostgreSQL"]
fn chaos_workers_outlive_two_hundred_kills_on_postgres() {
    testkit::run(async { killed(TestDb::new(Engine::Postgres, SCHEMA).await, 200, 100_000).await });
}
