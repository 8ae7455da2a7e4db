//! What is told in one database and heard in another.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use db::{Along, Batch, Db, sql};
use rdkafka::admin::{AdminOptions, NewPartitions};
use stream::{Counts, Ferry, Stream};
use testkit::Engine;
use types::facts::Tell;
use types::facts::tasks::{TOPIC, TaskCreated, TaskDeleted};
use types::{Ids, SystemClock, TaskId, Timestamp, UserId};

use super::{Load, admin, ledger, noted};
use crate::stories::trial::{Trial, effects, engines, eventually, kafka, running, tell};

/// A database to which the topic is brought.
struct Shore {
    db: Db,
    url: String,
    missing: Arc<AtomicU64>,
    trial: Trial,
}

fn brought(db: &Db, url: &str, slot: i64, missing: &Arc<AtomicU64>) -> Stream {
    let ids = Ids::new(Arc::new(SystemClock), slot, Timestamp::from_millis(i64::MAX / 1_000_000));
    let ferry = Ferry::new(kafka(url, 3), "ferry.here".into(), vec![TaskCreated::KIND], ids);
    let missing = missing.clone();
    let count = move |_: &str, numbers: u64| {
        missing.fetch_add(numbers, Ordering::Relaxed);
    };
    let counts = Counts { missing: Some(Arc::new(count)), ..Counts::default() };
    Stream::new(db.clone(), Arc::new(SystemClock)).counted(counts).bringing(TOPIC, ferry)
}

impl Shore {
    async fn beyond(sender: &Trial, engine: Engine) -> Self {
        let trial = Trial::new(engine).await;
        let (db, url) = (trial.db.clone(), sender.kafka.clone().unwrap());
        Self { db, url, missing: Arc::default(), trial }
    }

    fn stream(&self) -> Stream {
        brought(&self.db, &self.url, 1, &self.missing)
    }

    fn missing(&self) -> u64 {
        self.missing.load(Ordering::Relaxed)
    }

    /// While facts are brought here and have their effect.
    async fn meanwhile(&self, is_so: impl AsyncFnMut() -> bool) {
        running(&self.stream(), ledger(&self.db), is_so).await;
    }

    /// All that was told has come here, once and in the order of its key, and nothing else.
    async fn has_all(&self, sender: &Trial, load: &Load<'_>) {
        self.meanwhile(async || noted(&self.db).await >= load.told()).await;
        let told = |db: &Db| {
            let told = sql!(
                "select order_key, body, created_at from facts where topic = ? and kind = ? order by order_key, number",
                TOPIC,
                TaskCreated::KIND
            );
            let db = db.clone();
            async move { db.all::<(i64, String, i64)>(told).await.unwrap() }
        };
        assert_eq!(told(&self.db).await, told(&sender.db).await);
        self.has_handled(load.told()).await;
    }

    /// So many had their effect here, each once.
    async fn has_handled(&self, told: usize) {
        let mut found = effects(&self.db, "ledger").await;
        found.sort_unstable();
        assert_eq!(found, (1..=i64::try_from(told).unwrap()).collect::<Vec<_>>());
    }

    async fn of(&self, what: &'static str) -> Option<i64> {
        self.db.first(sql!("select count(*) from ").push(what)).await.unwrap()
    }
}

/// Tells this story of each engine on both sides.
fn from_shore_to_shore(story: impl AsyncFn(Trial, Shore)) {
    for engine in engines() {
        testkit::run(async {
            let sender = Trial::by_kafka(engine).await;
            let shore = Shore::beyond(&sender, engine).await;
            story(sender, shore).await;
        });
    }
}

#[test]
#[ignore = "needs Kafka"]
fn what_is_heard_of_another_database_by_kafka_comes_once_and_in_order_however_often_it_is_published() {
    from_shore_to_shore(async |sender, shore| {
        let (stream, teller) = sender.stream();
        let load = Load::new(&sender.db, teller.clone());
        let deleted = TaskDeleted { id: TaskId::trusted(1), owner: UserId::trusted(1), version: 2 };
        for round in 0..4 {
            // What nobody hears is told in between, and numbers pass that are not of this topic at all.
            sender
                .db
                .write(Batch::new().along(Along::none().with(teller.tell(&deleted).unwrap())))
                .await
                .unwrap();
            let enough = load.told() + 100;
            let publishes = running(&stream, vec![], async || noted(&shore.db).await > enough);
            tokio::select! {
                () = load.beside(publishes) => {}
                () = async { shore.stream().run(ledger(&shore.db)).await } => unreachable!("it runs for ever"),
            }
            if round == 1 {
                // As after a crash of the relay that had not written its position.
                let back = sql!("update positions set position = 0 where consumer = 'relay'");
                sender.db.write(Batch::of_one(back)).await.unwrap();
            }
        }
        tokio::select! {
            () = stream.run(vec![]) => unreachable!("it runs for ever"),
            () = shore.has_all(&sender, &load) => {}
        }
        assert_eq!(shore.missing(), 0, "a relay that begins again is no gap");
        assert_eq!(shore.of("facts where kind = 'deleted'").await, Some(0));
        assert_eq!(shore.of("positions where consumer = 'relay'").await, Some(0), "what came is not sent on");
        let swept = shore.stream().keeping(std::time::Duration::ZERO).sweep().await.unwrap();
        assert!(swept > 0, "how far it has come there keeps nothing here");
    });
}

/// Runs in a second process of this story, if this is it.
fn second_process() -> bool {
    let [Ok(url), Ok(url_of_kafka)] = ["SHORE_DATABASE", "SHORE_KAFKA"].map(std::env::var) else {
        return false;
    };
    testkit::run(async {
        let db = Db::open(&db::Settings::new(&url)).unwrap();
        brought(&db, &url_of_kafka, 2, &Arc::default()).run(ledger(&db)).await;
    });
    true
}

#[test]
#[ignore = "needs Kafka"]
fn one_who_brings_by_kafka_and_is_killed_has_brought_nothing_twice() {
    const NAME: &str =
        "stories::kafka::ferried::one_who_brings_by_kafka_and_is_killed_has_brought_nothing_twice";
    if second_process() {
        return;
    }
    from_shore_to_shore(async |sender, shore| {
        let (stream, teller) = sender.stream();
        let load = Load::new(&sender.db, teller);
        let mut second = Command::new(std::env::current_exe().unwrap());
        second.args(["--exact", NAME, "--ignored"]).env("SHORE_DATABASE", &shore.trial.test.url);
        let mut second = second.env("SHORE_KAFKA", &shore.url).spawn().unwrap();
        let comes_and_goes = async {
            eventually(async || noted(&shore.db).await > 200).await;
            // Both at once, then one is killed, then the other comes and goes.
            shore.meanwhile(async || noted(&shore.db).await > 500).await;
            second.kill().unwrap();
            for _ in 0..2 {
                let enough = noted(&shore.db).await + 200;
                shore.meanwhile(async || noted(&shore.db).await > enough).await;
            }
        };
        tokio::select! {
            () = stream.run(vec![]) => unreachable!("it runs for ever"),
            () = load.beside(comes_and_goes) => {}
        }
        second.wait().unwrap();
        tokio::select! {
            () = stream.run(vec![]) => unreachable!("it runs for ever"),
            () = shore.has_all(&sender, &load) => {}
        }
        assert_eq!(shore.missing(), 0);
    });
}

#[test]
#[ignore = "needs Kafka"]
fn what_kafka_has_lost_is_missing_there_and_is_counted_and_the_rest_comes() {
    from_shore_to_shore(async |sender, shore| {
        let (stream, teller) = sender.stream();
        let load = Load::new(&sender.db, teller);
        let publishes = running(&stream, vec![], async || noted(&shore.db).await > 100);
        tokio::select! {
            () = load.beside(publishes) => {}
            () = async { shore.stream().run(ledger(&shore.db)).await } => unreachable!("it runs for ever"),
        }
        let is_published =
            async || stream.unpublished(TOPIC).await.unwrap().is_some_and(|lag| lag.facts == 0);
        load.tell(200).await;
        running(&stream, vec![], is_published).await;
        stream.close().await;
        let (admin, topic) = admin(&sender);
        admin.delete_topics(&[&topic], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
        load.tell(200).await;
        let last = i64::try_from(load.told()).unwrap();
        let has_last = async || effects(&shore.db, "ledger").await.contains(&last);
        tokio::select! {
            () = stream.run(vec![]) => unreachable!("it runs for ever"),
            () = shore.meanwhile(async || has_last().await && shore.missing() > 0) => {}
        }
        let mut found = effects(&shore.db, "ledger").await;
        let all = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), all);
        assert!(found.len() < load.told(), "what is lost does not come");
    });
}

#[test]
#[ignore = "needs Kafka"]
fn a_topic_of_kafka_that_is_brought_gets_more_partitions_under_load() {
    from_shore_to_shore(async |sender, shore| {
        let (stream, teller) = sender.stream();
        let load = Load::new(&sender.db, teller);
        let changes = async {
            running(&stream, vec![], async || noted(&shore.db).await > 300).await;
            let (admin, topic) = admin(&sender);
            for parts in [5, 8] {
                let more = [NewPartitions::new(&topic, parts)];
                admin.create_partitions(&more, &AdminOptions::new()).await.unwrap().remove(0).unwrap();
                let enough = noted(&shore.db).await + 300;
                running(&stream, vec![], async || {
                    let of = sql!("select max(part) from positions where consumer = 'relay'");
                    let of: Option<i64> = sender.db.first(of).await.unwrap();
                    of == i64::try_from(parts).ok() && noted(&shore.db).await > enough
                })
                .await;
            }
        };
        tokio::select! {
            () = load.beside(changes) => {}
            () = async { shore.stream().run(ledger(&shore.db)).await } => unreachable!("it runs for ever"),
        }
        running(&stream, vec![], async || {
            stream.unpublished(TOPIC).await.unwrap().is_some_and(|lag| lag.facts == 0)
        })
        .await;
        shore.meanwhile(async || noted(&shore.db).await >= load.told()).await;
        shore.has_handled(load.told()).await;
        assert_eq!(shore.missing(), 0);
        // One that begins late hears all that is there, of whatever partitions.
        let late = Shore::beyond(&sender, Engine::Embedded).await;
        late.meanwhile(async || noted(&late.db).await >= load.told()).await;
        late.has_handled(load.told()).await;
        assert_eq!(late.missing(), 0);
    });
}

#[test]
#[ignore = "needs Kafka"]
fn a_database_that_is_brought_back_to_an_earlier_day_hears_by_kafka_what_it_heard_since() {
    from_shore_to_shore(async |sender, shore| {
        let (stream, teller) = sender.stream();
        let load = Load::new(&sender.db, teller.clone());
        let publish = async |told: usize| {
            tokio::select! {
                () = stream.run(vec![]) => unreachable!("it runs for ever"),
                () = shore.meanwhile(async || noted(&shore.db).await >= told) => {}
            }
        };
        load.tell(100).await;
        publish(100).await;
        let rows: Vec<(i64, i64)> = shore
            .db
            .all(sql!("select part, position from positions where consumer = 'ferry'"))
            .await
            .unwrap();
        load.tell(100).await;
        publish(200).await;
        for (part, position) in rows {
            let back = sql!(
                "update positions set position = ? where consumer = 'ferry' and part = ?",
                position,
                part
            );
            shore.db.write(Batch::of_one(back)).await.unwrap();
        }
        let forget = sql!("delete from effects where task > 100");
        shore.db.write(Batch::new().any(forget)).await.unwrap();
        // Nothing shows that something is missing before there is something more.
        for task in 201..=203 {
            tell(&sender.db, &teller, task).await;
        }
        publish(203).await;
        shore.has_handled(203).await;
        assert_eq!(shore.missing(), 0);
    });
}
