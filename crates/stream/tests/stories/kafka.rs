//! What holds by Kafka alone: records that come twice, and ways, processes and partitions that come and go.

mod ferried;
mod losses;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use db::{Batch, Db, sql};
use futures_util::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;
use stream::{Consumer, Counts, Stream, Teller};
use types::facts::tasks::TOPIC;

use super::trial::{Ledger, Trial, count, engines, eventually, kafka, running, tell, until};

/// Tells by this story run on each engine that there is.
fn by_kafka(story: impl AsyncFn(Trial)) {
    for engine in engines() {
        testkit::run(async { story(Trial::by_kafka(engine).await).await });
    }
}

/// Between two rounds of telling: a load that a busy machine can keep up with.
const PAUSE: Duration = Duration::from_millis(10);

/// Tells of tasks 1, 2, 3 … until it is dropped.
struct Load<'l> {
    db: &'l Db,
    teller: Teller,
    told: AtomicI64,
}

impl<'l> Load<'l> {
    fn new(db: &'l Db, teller: Teller) -> Self {
        Self { db, teller, told: AtomicI64::new(0) }
    }

    /// So many.
    async fn tell(&self, count: i64) {
        for _ in 0..count / 20 {
            let first = self.told.load(Ordering::Relaxed);
            join_all((1..=20).map(|id| tell(self.db, &self.teller, first + id))).await;
            self.told.fetch_add(20, Ordering::Relaxed);
        }
    }

    /// While something else happens, and in full rounds, so that all that was told is counted.
    async fn beside<T>(&self, something: impl Future<Output = T>) -> T {
        let is_over = std::cell::Cell::new(false);
        let telling = async {
            while !is_over.get() {
                self.tell(20).await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        let something = async {
            let value = something.await;
            is_over.set(true);
            value
        };
        tokio::join!(telling, something).1
    }

    fn told(&self) -> usize {
        usize::try_from(self.told.load(Ordering::Relaxed)).unwrap()
    }

    /// Every one of them has had its effect, and none had two.
    async fn is_complete(&self, stream: &Stream, group: &'static str) {
        let mut found = until(stream, vec![Ledger::new(self.db, group)], self.db, group, self.told()).await;
        found.sort_unstable();
        assert_eq!(found, (1..=self.told.load(Ordering::Relaxed)).collect::<Vec<_>>());
        assert_eq!(stream.parking().await.unwrap(), [""; 0], "who hears a fact again cannot note it again");
    }
}

fn ledger(db: &Db) -> Vec<Arc<dyn Consumer>> {
    vec![Ledger::new(db, "ledger")]
}

async fn noted(db: &Db) -> usize {
    count(db, "ledger").await
}

fn admin(trial: &Trial) -> (AdminClient<DefaultClientContext>, String) {
    let (brokers, prefix) = trial.kafka.as_ref().unwrap()["kafka://".len()..].split_once('/').unwrap();
    let admin = ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    (admin, format!("{prefix}.{TOPIC}"))
}

#[test]
#[ignore = "needs Kafka"]
fn what_was_published_says_when_and_is_counted() {
    by_kafka(async |trial| {
        let (published, consumed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let count = |to: &Arc<AtomicU64>| {
            let to = to.clone();
            let count = move |topic: &str, facts: u64| {
                assert_eq!(topic, TOPIC);
                to.fetch_add(facts, Ordering::Relaxed);
            };
            Some(Arc::new(count) as stream::Count)
        };
        let (stream, teller) = trial.stream();
        let counts = Counts { published: count(&published), consumed: count(&consumed), missing: None };
        let stream = stream.counted(counts);
        Load::new(&trial.db, teller).tell(100).await;
        let ledger = Ledger::new(&trial.db, "ledger");
        let counted = || [&published, &consumed].map(|count| count.load(Ordering::Relaxed));
        running(&stream, vec![ledger.clone()], async || {
            let waiting = stream.unpublished(TOPIC).await.unwrap();
            waiting.is_some_and(|lag| lag.facts == 0) && counted().iter().all(|count| *count >= 100)
        })
        .await;
        assert_eq!((counted(), noted(&trial.db).await), ([100, 100], 100));
        assert_eq!(
            ledger.published.load(Ordering::Relaxed),
            100,
            "all have come by Kafka, and none from the table"
        );
    });
}

#[test]
#[ignore = "needs Kafka"]
fn what_is_published_again_by_kafka_is_handled_once() {
    by_kafka(async |trial| {
        let (stream, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        load.tell(400).await;
        load.is_complete(&stream, "ledger").await;
        // As after a crash of the relay that had not written its position.
        let back = sql!("update positions set position = 0 where consumer = 'relay'");
        trial.db.write(Batch::of_one(back)).await.unwrap();
        load.tell(100).await;
        load.is_complete(&stream, "ledger").await;
        load.is_complete(&stream, "another").await;
    });
}

#[test]
#[ignore = "needs Kafka"]
fn two_relays_and_two_members_by_kafka_take_nothing_twice_and_one_goes_on_alone() {
    by_kafka(async |trial| {
        let other = trial.reopened();
        let ((one, teller), (two, _)) = (trial.stream(), trial.stream_of(&other));
        let load = Load::new(&trial.db, teller);
        let first = Ledger::new(&trial.db, "ledger");
        let second = Ledger::new(&other, "ledger");
        let both_work = running(&one, vec![first.clone()], async || {
            [&first, &second].iter().all(|ledger| ledger.largest.load(Ordering::Relaxed) > 0)
                && load.told() > 500
        });
        load.beside(async {
            tokio::select! {
                () = both_work => {}
                () = two.run(vec![second.clone()]) => unreachable!("it runs for ever"),
            }
        })
        .await;
        load.beside(running(&one, vec![first.clone()], async || load.told() > 1_000)).await;
        load.is_complete(&one, "ledger").await;
    });
}

#[test]
#[ignore = "needs Kafka"]
fn a_topic_changes_from_the_table_to_kafka_and_back_under_load() {
    by_kafka(async |mut trial| {
        let url = trial.kafka.take();
        let (table, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        let some_more = async || {
            let before = noted(&trial.db).await;
            move |now: usize| now > before + 300
        };
        load.beside(running(&table, ledger(&trial.db), async || noted(&trial.db).await > 300)).await;
        for _ in 0..2 {
            let by_kafka = Stream::new(trial.db.clone(), Arc::new(types::SystemClock));
            let by_kafka = by_kafka.by(TOPIC, kafka(url.as_ref().unwrap(), 3));
            let is_more = some_more().await;
            load.beside(running(&by_kafka, ledger(&trial.db), async || is_more(noted(&trial.db).await)))
                .await;
            let is_more = some_more().await;
            load.beside(running(&table, ledger(&trial.db), async || is_more(noted(&trial.db).await))).await;
        }
        load.is_complete(&table, "ledger").await;
        let rows: Vec<(String, i64)> =
            trial.db.all(sql!("select consumer, part from positions order by consumer")).await.unwrap();
        assert_eq!(rows, [("ledger".to_owned(), 0)], "nothing of the other way is left");
    });
}

#[test]
#[ignore = "needs Kafka"]
fn whoever_goes_the_old_way_steps_aside_when_another_process_changes_it_to_kafka_and_back() {
    by_kafka(async |trial| {
        let other = trial.reopened();
        let ((by_kafka, teller), table) =
            (trial.stream(), Stream::new(other.clone(), Arc::new(types::SystemClock)));
        let load = Load::new(&trial.db, teller);
        let rows = async || -> Vec<i64> {
            let rows = sql!("select part from positions where consumer = 'ledger' order by part");
            trial.db.all(rows).await.unwrap()
        };
        let changes = async {
            // Rolling: for a while both are there, first one way, then the other.
            let first = table.run(ledger(&other));
            let second = async {
                eventually(async || noted(&trial.db).await > 200).await;
                running(&by_kafka, ledger(&trial.db), async || {
                    let so_far = load.told();
                    rows().await == [1, 2, 3] && {
                        eventually(async || noted(&trial.db).await > so_far).await;
                        true
                    }
                })
                .await;
            };
            tokio::select! { () = first => unreachable!("it runs for ever"), () = second => {} }
            assert_eq!(rows().await, [1, 2, 3]);
            let first = by_kafka.run(ledger(&trial.db));
            let second = async {
                let so_far = load.told();
                eventually(async || noted(&trial.db).await > so_far).await;
                running(&table, ledger(&other), async || {
                    let so_far = load.told();
                    rows().await == [0] && {
                        eventually(async || noted(&trial.db).await > so_far).await;
                        true
                    }
                })
                .await;
            };
            tokio::select! { () = first => unreachable!("it runs for ever"), () = second => {} }
            assert_eq!(rows().await, [0]);
        };
        load.beside(changes).await;
        load.is_complete(&table, "ledger").await;
    });
}

#[test]
#[ignore = "needs Kafka"]
fn a_topic_of_kafka_gets_more_partitions_under_load() {
    by_kafka(async |trial| {
        let (stream, teller) = trial.stream();
        let load = Load::new(&trial.db, teller);
        load.beside(running(&stream, ledger(&trial.db), async || noted(&trial.db).await > 300)).await;
        let (admin, topic) = admin(&trial);
        let more = [NewPartitions::new(&topic, 5)];
        admin.create_partitions(&more, &AdminOptions::new()).await.unwrap().remove(0).unwrap();
        let rows = async || -> Vec<i64> {
            let rows = sql!("select part from positions where consumer = 'ledger' order by part");
            trial.db.all(rows).await.unwrap()
        };
        let five = async || rows().await == [1, 2, 3, 4, 5] && noted(&trial.db).await > 600;
        load.beside(running(&stream, ledger(&trial.db), five)).await;
        load.is_complete(&stream, "ledger").await;
    });
}
