//! What holds on every engine, and by every way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use db::{Along, Batch, sql};
use futures_util::FutureExt;
use stream::{Consumer, Fact, Lag, Stream};
use testkit::Engine;
use types::facts::tasks::{TOPIC, TaskDeleted};
use types::{Error, Ids, Result, SystemClock, TaskId, Timestamp, UserId};

use super::trial::{Ledger, Trial, created, effects, engines, running, tell, until};

/// Has something older than the facts to do, and fails at it once. It takes its time.
struct Late {
    ledger: Arc<Ledger>,
    pieces: AtomicUsize,
}

#[async_trait::async_trait]
impl Consumer for Late {
    fn group(&self) -> &'static str {
        self.ledger.group()
    }
    fn topic(&self) -> &'static str {
        TOPIC
    }
    fn rest(&self) -> u32 {
        2
    }
    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        self.ledger.handle(facts, along).await
    }
    async fn catch_up(&self) -> Result<bool> {
        match self.pieces.fetch_add(1, Ordering::Relaxed) {
            1 => Err(Error::unavailable("not now")),
            piece => Ok(piece < 4),
        }
    }
}

/// Each story is a test on every engine by the table, and one by Kafka.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($trial:ident) $story:block)+) => { $(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($trial: Trial) $story

            fn on(engine: Engine) {
                testkit::run(async { story(Trial::new(engine).await).await });
            }

            #[test]
            fn embedded() {
                on(Engine::Embedded);
            }
            #[test]
            fn memory() {
                on(Engine::Memory);
            }
            #[test]
            #[ignore = "needs PostgreSQL"]
            fn postgres() {
                on(Engine::Postgres);
            }
            #[test]
            #[ignore = "needs MariaDB"]
            fn mariadb() {
                on(Engine::Mariadb);
            }
            #[test]
            #[ignore = "needs Kafka"]
            fn kafka() {
                for engine in engines() {
                    testkit::run(async { story(Trial::by_kafka(engine).await).await });
                }
            }
        }
    )+ };
}

stories! {
    async fn facts_arrive_once_and_in_order_and_together(test) {
        let (stream, teller) = test.stream();
        for id in 1..=50 {
            tell(&test.db, &teller, id).await;
        }
        let ledger = Ledger::new(&test.db, "ledger");
        let found = until(&stream, vec![ledger.clone()], &test.db, "ledger", 50).await;
        assert_eq!(found, (1..=50).collect::<Vec<_>>());
        assert!(ledger.largest.load(Ordering::Relaxed) > 1, "many facts are one transaction");
        running(&stream, vec![ledger], async || stream.behind("ledger", TOPIC).await.unwrap() == 0).await;
    }

    async fn what_is_older_is_caught_up_with_beside_the_facts_piece_by_piece(test) {
        let (stream, teller) = test.stream();
        for id in 1..=510 {
            tell(&test.db, &teller, id).await;
        }
        let late = Arc::new(Late { ledger: Ledger::new(&test.db, "late"), pieces: AtomicUsize::new(0) });
        let found = until(&stream, vec![late.clone()], &test.db, "late", 510).await;
        assert_eq!(found, (1..=510).collect::<Vec<_>>());
        running(&stream, vec![late.clone()], async || late.pieces.load(Ordering::Relaxed) >= 5).await;
    }

    async fn a_group_goes_on_where_it_stopped_and_each_group_hears_all(test) {
        let (first, teller) = test.stream();
        tell(&test.db, &teller, 1).await;
        until(&first, vec![Ledger::new(&test.db, "a")], &test.db, "a", 1).await;
        tell(&test.db, &teller, 2).await;
        let (second, _) = test.stream();
        let both: Vec<Arc<dyn Consumer>> = vec![Ledger::new(&test.db, "a"), Ledger::new(&test.db, "b")];
        assert_eq!(until(&second, both.clone(), &test.db, "b", 2).await, [1, 2]);
        assert_eq!(until(&second, both, &test.db, "a", 2).await, [1, 2]);
    }

    async fn processes_of_one_group_take_nothing_twice(test) {
        let (_, teller) = test.stream();
        let other = test.reopened();
        let telling = async {
            for id in 1..=300 {
                tell(&test.db, &teller, id).await;
            }
        };
        let (one, two) = (test.stream().0, test.stream_of(&other).0);
        let second = async { one.run(vec![Ledger::new(&test.db, "ledger")]).await };
        let first = until(&two, vec![Ledger::new(&other, "ledger")], &test.db, "ledger", 300);
        let found = tokio::select! {
            ((), found) = async { tokio::join!(telling, first) } => found,
            () = second => unreachable!("it runs for ever"),
        };
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 300);
        assert_eq!(found.len(), 300);
    }

    async fn a_fact_that_cannot_be_handled_is_parked_and_replayed(test) {
        let (stream, teller) = test.stream();
        for id in 11..=15 {
            tell(&test.db, &teller, id).await;
        }
        let ledger = Ledger::new(&test.db, "ledger");
        ledger.refuses.store(true, Ordering::Relaxed);
        let found = until(&stream, vec![ledger.clone()], &test.db, "ledger", 4).await;
        assert_eq!(found, [11, 12, 14, 15]);
        let [parked] = &stream.parked_of("ledger", 0, 10).await.unwrap()[..] else { panic!("one is parked") };
        assert_eq!((parked.consumer.as_str(), parked.error.as_str()), ("ledger", "thirteen cannot be handled"));
        assert_eq!(stream.parking().await.unwrap(), ["ledger"]);
        let number = parked.fact.number;
        assert_eq!(stream.parked_of("ledger", number - 1, 10).await.unwrap(), std::slice::from_ref(parked));
        assert_eq!(stream.parked_of("ledger", number, 10).await.unwrap(), []);
        assert_eq!(stream.parked_of("other", 0, 10).await.unwrap(), []);
        let by = async |group| stream.parked_by(group).await.unwrap();
        assert_eq!((by("ledger").await, by("other").await), (1, 0));

        assert!(stream.replay(parked, &*ledger).await.is_err());
        assert_eq!(by("ledger").await, 1, "it stays until it is handled");
        ledger.refuses.store(false, Ordering::Relaxed);
        assert!(stream.replay(parked, &*ledger).await.unwrap());
        assert_eq!(stream.parked_of("ledger", 0, 10).await.unwrap(), []);
        assert!(stream.parking().await.unwrap().is_empty());
        assert!(stream.replay(parked, &*ledger).await.is_err() || effects(&test.db, "ledger").await.len() == 5);
        assert_eq!(effects(&test.db, "ledger").await, [11, 12, 13, 14, 15]);
    }

    async fn what_a_group_has_before_it_is_counted_and_has_an_age(test) {
        let clock = testkit::StillClock::default();
        let ids = Ids::new(Arc::new(SystemClock), 0, Timestamp::from_millis(i64::MAX / 1_000_000));
        let stream = Stream::new(test.db.clone(), Arc::new(clock.clone()));
        let teller = stream.teller(ids);
        let lag = async |group, topic| {
            let Lag { facts, age } = stream.lag(group, topic).await.unwrap();
            (facts, age.as_secs())
        };
        assert_eq!(lag("ledger", TOPIC).await, (0, 0));
        for id in 1..=3 {
            tell(&test.db, &teller, id).await;
            clock.advance(Duration::from_secs(10));
        }
        // Somebody has to number them, where they are not born so.
        until(&stream, vec![Ledger::new(&test.db, "ledger")], &test.db, "ledger", 3).await;
        assert_eq!(lag("ledger", TOPIC).await, (0, 0));
        assert_eq!(lag("new", TOPIC).await, (3, 30));
        assert_eq!(lag("new", "another topic").await, (0, 0));
        let groups: Vec<String> = test.db.all(sql!("select consumer from positions")).await.unwrap();
        assert_eq!(groups, ["ledger"], "who asks for a group does not make it one that facts are kept for");
        // Far ahead nobody looks at each.
        let far = sql!("update facts set number = number + 20000 where number > 1");
        test.db.write(Batch::new().any(far)).await.unwrap();
        assert_eq!(lag("new", TOPIC).await, (1 + 20_003 - 16_384, 30));
        assert_eq!(lag("new", "another topic").await, (20_003 - 16_384, 20));
    }

    async fn facts_of_no_interest_are_passed(test) {
        let (stream, teller) = test.stream();
        let gone = TaskDeleted { id: TaskId::trusted(1), owner: UserId::trusted(1), version: 2 };
        test.db.write(Batch::new().along(Along::none().with(teller.tell(&gone).unwrap()))).await.unwrap();
        tell(&test.db, &teller, 2).await;
        assert_eq!(until(&stream, vec![Ledger::new(&test.db, "ledger")], &test.db, "ledger", 1).await, [2]);
    }

    async fn a_write_that_fails_tells_nothing(test) {
        let (stream, teller) = test.stream();
        let along = Along::none().with(teller.tell(&created(1)).unwrap());
        let batch = Batch::of_one(sql!("update effects set task = 0 where number = ?", 1)).along(along);
        assert!(test.db.write(batch).await.is_err());
        tell(&test.db, &teller, 2).await;
        assert_eq!(until(&stream, vec![Ledger::new(&test.db, "ledger")], &test.db, "ledger", 1).await, [2]);
    }
}

/// Begins first and commits last: its row has the lowest automatic number when everybody else has been read.
async fn the_late_commit_trap(engine: testkit::Engine) {
    let test = Trial::new(engine).await;
    let (stream, teller) = test.stream();
    let (late, release) = (teller.tell(&created(1)).unwrap(), Arc::new(tokio::sync::Notify::new()));
    let (late, hold, db) = (Arc::new(Along::none().with(late)), release.clone(), test.db.clone());
    let begun = Arc::new(tokio::sync::Notify::new());
    let told = begun.clone();
    let writer = tokio::spawn(async move {
        db.tx::<(), db::Error, _>(move |tx| {
            let (late, hold, told) = (late.clone(), hold.clone(), told.clone());
            async move {
                tx.along(&late).await?;
                told.notify_one();
                hold.notified().await;
                Ok(())
            }
            .boxed()
        })
        .await
    });
    begun.notified().await;
    for id in 2..=40 {
        tell(&test.db, &teller, id).await;
    }
    let ledger = Ledger::new(&test.db, "ledger");
    until(&stream, vec![ledger.clone()], &test.db, "ledger", 39).await;
    release.notify_one();
    writer.await.unwrap().unwrap();
    let found = until(&stream, vec![ledger], &test.db, "ledger", 40).await;
    assert_eq!(found.last(), Some(&1), "what commits last is read last, and is read");
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_late_commit_is_not_passed_over_on_postgres() {
    testkit::run(the_late_commit_trap(testkit::Engine::Postgres));
}

#[test]
#[ignore = "needs MariaDB"]
fn a_late_commit_is_not_passed_over_on_mariadb() {
    testkit::run(the_late_commit_trap(testkit::Engine::Mariadb));
}
