//! Jobs that come to their workers by a real Kafka, and ways that are changed while they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use db::Migration;
use jobs::{Draft, Queue};
use stream::{Kafka, Stream, Way};
use testkit::{Engine, TestDb};
use tokio::task::JoinHandle;
use types::facts::jobs::TOPIC;
use types::{Clock, Ids, SystemClock, Timestamp};

use super::trial::{Bookkeeper, LEDGER, Process, ledger, rows, until};

const SCHEMA: &[Migration] = &[
    stream::MIGRATIONS[0],
    stream::MIGRATIONS[1],
    stream::MIGRATIONS[2],
    stream::MIGRATIONS[3],
    jobs::MIGRATIONS[0],
    jobs::MIGRATIONS[1],
    jobs::MIGRATIONS[2],
    jobs::MIGRATIONS[3],
    jobs::MIGRATIONS[4],
    jobs::MIGRATIONS[5],
    LEDGER,
];

/// A house's jobs, by the table or by a broker, as it is told at its start.
struct Road {
    process: Process,
    delivering: JoinHandle<()>,
}

impl Road {
    fn begin(test: &TestDb, ids: &Ids, kafka: Option<Kafka>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let stream = Stream::new(test.db.clone(), clock.clone());
        let queue = Queue::new(test.db.clone(), ids.clone(), clock);
        let (stream, queue) = match kafka {
            Some(kafka) => {
                let stream = stream.by(TOPIC, kafka);
                let queue = queue.told_by(stream.teller(ids.clone()));
                (stream, queue)
            }
            None => (stream, queue),
        };
        let porter = queue.porter();
        let delivering = tokio::spawn(async move { stream.run(vec![porter]).await });
        Self { process: Process { queue, db: test.db.clone() }, delivering }
    }

    async fn end(self) {
        self.delivering.abort();
        let _ = self.delivering.await;
    }
}

fn ids() -> Ids {
    Ids::new(Arc::new(SystemClock), 0, Timestamp::from_micros(i64::MAX / 2))
}

fn corner() -> Kafka {
    let corner = testkit::kafka();
    let Ok(Way::Kafka(address)) = Way::parse(&format!("{}/{}", corner.url, corner.prefix)) else {
        panic!("{} is no way", corner.url);
    };
    Kafka::open(address, 4).unwrap()
}

fn drafts(count: usize) -> Vec<Draft> {
    (0..count).map(|_| Draft::new("book", "{}", 3)).collect()
}

#[test]
#[ignore = "needs Kafka"]
fn jobs_come_by_kafka_and_sooner_than_the_table_is_looked_at() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, SCHEMA).await;
        let way = Road::begin(&test, &ids(), Some(corner()));
        let book = Bookkeeper::new(&way.process, 1, Duration::ZERO);
        let (stop, working) = way.process.work(vec![book], 300);
        for round in 1..=5 {
            way.process.queue.add(drafts(200)).await.unwrap();
            until((round * 200, round * 200), async || ledger(&test.db).await).await;
        }
        assert_eq!(rows(&test.db, "parked_facts").await, 0);
        assert!(way.process.queue.came().is_some_and(|came| came > 0), "some of them came by it");
        assert!(rows(&test.db, "positions where consumer = 'jobs.workers'").await > 0, "they were heard of");
        stop.pull();
        working.await.unwrap();
        way.end().await;
    });
}

#[test]
#[ignore = "needs Kafka"]
fn ways_are_changed_under_load_and_every_job_by_kafka_or_the_table_is_done_once() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, SCHEMA).await;
        let (ids, kafka) = (ids(), corner());
        let put = Arc::new(AtomicI64::new(0));
        for (nth, by_broker) in [false, true, false, true, false].into_iter().enumerate() {
            let way = Road::begin(&test, &ids, by_broker.then(|| kafka.clone()));
            let book =
                Bookkeeper::new(&way.process, 1 + i64::try_from(nth).unwrap(), Duration::from_millis(1));
            let (stop, working) = way.process.work(vec![book], 100);
            let goes_on = Arc::new(AtomicBool::new(true));
            let load = {
                let (queue, goes_on, put) = (way.process.queue.clone(), goes_on.clone(), put.clone());
                tokio::spawn(async move {
                    while goes_on.load(Ordering::Relaxed) {
                        queue.add(drafts(10)).await.unwrap();
                        put.fetch_add(10, Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                })
            };
            let enough = put.load(Ordering::Relaxed) + 1_000;
            until(true, async || put.load(Ordering::Relaxed) >= enough).await;
            // What is under way when the house ends is for the next one, which may go the other way.
            stop.pull();
            working.await.unwrap();
            goes_on.store(false, Ordering::Relaxed);
            load.await.unwrap();
            way.end().await;
        }
        let way = Road::begin(&test, &ids, None);
        let (stop, working) = way.process.work(vec![Bookkeeper::new(&way.process, 9, Duration::ZERO)], 300);
        let all = put.load(Ordering::Relaxed);
        until((all, all), async || ledger(&test.db).await).await;
        until(0, async || rows(&test.db, "jobs where state <> 2").await).await;
        stop.pull();
        working.await.unwrap();
        way.end().await;
    });
}
