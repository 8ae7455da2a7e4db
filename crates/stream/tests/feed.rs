//! Facts read by those who keep a place of their own, and waited for, on every engine.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use db::{Along, Batch, Db, Value, sql};
use stream::{Consumer, Fact, Feed, MIGRATIONS, Sign, Stream, Tally, Teller, Watch};
use testkit::{StillClock, on_every_engine};
use types::facts::tasks::{TOPIC, TaskCreated};
use types::{Error, Ids, TaskId, Timestamp, UserId};

/// How long something may take to be noticed.
const SOON: Duration = Duration::from_secs(20);

fn stream(db: &Db, clock: &StillClock) -> (Stream, Teller) {
    let stream = Stream::new(db.clone(), Arc::new(clock.clone()));
    let teller = stream.teller(Ids::new(Arc::new(clock.clone()), 0, Timestamp::from_micros(i64::MAX)));
    (stream, teller)
}

async fn tell(db: &Db, teller: &Teller, owner: i64, id: i64) {
    let fact = TaskCreated { id: TaskId::trusted(id), owner: UserId::trusted(owner), version: 1 };
    let along = Along::none().with(teller.tell(&fact).unwrap());
    db.write(Batch::new().along(along)).await.unwrap();
}

/// The tasks that these facts tell of.
fn tasks(facts: &[Fact]) -> Vec<i64> {
    facts.iter().map(|fact| fact.read::<TaskCreated>().unwrap().unwrap().id.number()).collect()
}

/// The tasks of a key after this number, once there are so many.
async fn since(feed: &Feed, key: i64, after: i64, count: usize) -> Vec<i64> {
    let there = async {
        loop {
            let facts = feed.since(key, after, 1_000).await.unwrap().unwrap().facts;
            if facts.len() >= count {
                return tasks(&facts);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, there).await.expect("all facts in time")
}

/// Runs the stream while this goes on.
async fn while_running<T>(
    stream: &Stream,
    consumers: Vec<Arc<dyn Consumer>>,
    act: impl Future<Output = T>,
) -> T {
    tokio::select! {
        () = stream.run(consumers) => unreachable!("it runs for ever"),
        done = act => done,
    }
}

async fn news(watch: &mut Watch) {
    let news = async { while watch.next().await != Sign::News {} };
    tokio::time::timeout(SOON, news).await.expect("news in time");
}

on_every_engine! { MIGRATIONS;

    async fn each_key_has_its_own_facts_in_order_and_from_any_place(test) {
        let (stream, teller) = stream(&test.db, &StillClock::default());
        let feed = stream.feed(TOPIC);
        while_running(&stream, Vec::new(), async {
            assert_eq!(feed.since(1, 0, 9).await.unwrap().unwrap().head, 0);
            for id in 1..=6 {
                tell(&test.db, &teller, 1 + id % 2, id).await;
            }
            assert_eq!(since(&feed, 1, 0, 3).await, [2, 4, 6]);
            assert_eq!(since(&feed, 2, 0, 3).await, [1, 3, 5]);
            let two = feed.since(1, 0, 2).await.unwrap().unwrap();
            assert_eq!(tasks(&two.facts), [2, 4]);
            assert_eq!(since(&feed, 1, two.facts[1].number, 1).await, [6]);
            assert_eq!(feed.head().await.unwrap(), 6);
            assert!(stream.feed("accounts").since(1, 0, 9).await.unwrap().unwrap().facts.is_empty());
            assert_eq!(feed.since(1, 7, 9).await.unwrap(), None, "a number that was never given");
        })
        .await;
    }

    async fn a_long_past_is_read_by_key_like_a_short_one(test) {
        let (stream, _) = stream(&test.db, &StillClock::default());
        let feed = stream.feed(TOPIC);
        // Three keys take turns, and every tenth fact is of another topic.
        let (topic, count) = (|id: i64| if id % 10 == 0 { "other" } else { TOPIC }, 9_000);
        let row = |id: i64| -> Vec<Value> {
            let body = format!(r#"{{"id":{id},"owner":{},"version":1}}"#, 1 + id % 3);
            vec![id.into(), topic(id).into(), (1 + id % 3).into(), "created".into(), body.into(), id.into()]
        };
        for first in (1..count).step_by(500) {
            let rows = (first..first + 500).map(row).collect();
            let head = "insert into facts (id, topic, order_key, kind, body, created_at) values";
            test.db.write(Batch::new().bulk(head, rows)).await.unwrap();
        }
        let ordered = async {
            let keyed = || sql!("select value from counters where name = 'facts.keyed'");
            while test.db.first::<i64>(keyed()).await.unwrap() != Some(8_192)
                || feed.head().await.unwrap() < count
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let ordered = tokio::time::timeout(SOON, ordered);
        while_running(&stream, Vec::new(), ordered).await.expect("all are numbered and in order");

        let places = [0, 1, 4_095, 4_096, 4_097, 8_000, 8_191, 8_192, 8_193, 8_999, 9_000];
        for (key, after) in (1..5).flat_map(|key| places.map(|after| (key, after))) {
            for limit in [1, 50, 2_000, 9_000] {
                let of_key = (after + 1..=count).filter(|id| 1 + id % 3 == key && topic(*id) == TOPIC);
                let wanted: Vec<i64> = of_key.take(usize::try_from(limit).unwrap()).collect();
                let news = feed.since(key, after, limit).await.unwrap().unwrap();
                assert_eq!((tasks(&news.facts), news.head), (wanted, count), "{limit} of {key} after {after}");
            }
        }
    }

    async fn whoever_waits_is_told_of_its_own_key_wherever_that_was_written(test) {
        let clock = StillClock::default();
        let ((here, teller), (there, _)) = (stream(&test.db, &clock), stream(&test.reopened(), &clock));
        while_running(&there, Vec::new(), while_running(&here, Vec::new(), async {
            let (mut near, mut far) = (here.feed(TOPIC).watch(1).unwrap(), there.feed(TOPIC).watch(1).unwrap());
            let mut other = here.feed(TOPIC).watch(2).unwrap();
            // Whoever comes first has everybody look once.
            tokio::join!(news(&mut near), news(&mut far), news(&mut other));
            for round in 1..=3 {
                tell(&test.db, &teller, 1, round).await;
                tokio::join!(news(&mut near), news(&mut far));
            }
            let quiet = async {
                loop {
                    match other.next().await {
                        Sign::Quiet(3) => return,
                        Sign::Quiet(_) => {}
                        Sign::News => panic!("nothing happened to it"),
                    }
                }
            };
            tokio::time::timeout(SOON, quiet).await.expect("it hears how far it missed nothing");
        }))
        .await;
    }

    async fn what_every_group_has_passed_is_kept_for_a_while_and_then_deleted(test) {
        let clock = StillClock::default();
        let (stream, teller) = stream(&test.db, &clock);
        let (stream, day) = (stream.keeping(Duration::from_hours(48)), Duration::from_hours(24));
        let feed = stream.feed(TOPIC);
        let tally: Vec<Arc<dyn Consumer>> = vec![Tally::new(test.db.clone(), "total", TOPIC, |_| 1)];
        while_running(&stream, tally, async {
            for id in 1..=3 {
                tell(&test.db, &teller, 1, id).await;
                since(&feed, 1, 0, usize::try_from(id).unwrap()).await;
                clock.advance(day);
            }
            let counted = async {
                while stream.total("total").await.unwrap() < 3 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(SOON, counted).await.expect("all are counted");
        })
        .await;

        // A group of another process has not heard of the second one yet.
        let slow = sql!("insert into positions (consumer, topic, part, position) values ('slow', ?, 0, 1)", TOPIC);
        test.db.write(Batch::of_one(slow)).await.unwrap();
        assert_eq!((stream.sweep().await.unwrap(), stream.sweep().await.unwrap()), (1, 0), "one is old and passed");
        assert_eq!(feed.since(1, 0, 9).await.unwrap(), None, "whoever has not heard of it is told to start over");
        assert_eq!(since(&feed, 1, 1, 2).await, [2, 3]);

        clock.advance(day * 9);
        assert_eq!(stream.sweep().await.unwrap(), 0, "nobody overtakes the slow group");
        let caught_up = sql!("update positions set position = 3 where consumer = 'slow'");
        test.db.write(Batch::of_one(caught_up)).await.unwrap();
        assert_eq!((stream.sweep().await.unwrap(), stream.sweep().await.unwrap()), (1, 0), "the newest one stays");
        assert_eq!(feed.since(1, 1, 9).await.unwrap(), None);
        assert_eq!(since(&feed, 1, 2, 1).await, [3]);
        while_running(&stream, Vec::new(), async {
            tell(&test.db, &teller, 1, 4).await;
            assert_eq!(since(&feed, 1, 3, 1).await, [4], "no number is given twice");
        })
        .await;
    }
}

on_every_engine! { &MIGRATIONS[..3];

    async fn a_database_that_has_facts_already_goes_on_from_there(test) {
        let row = |number: i64| -> Vec<Value> {
            vec![number.into(), number.into(), TOPIC.into(), 1.into(), "created".into(), "{}".into(), 0.into()]
        };
        let rows = (1..=5_000).map(row).collect();
        let head = "insert into facts (number, id, topic, order_key, kind, body, created_at) values";
        let given = sql!("update counters set value = 5000 where name = 'facts'");
        test.db.write(Batch::new().bulk(head, rows).any(given)).await.unwrap();
        test.db.migrate(MIGRATIONS, Timestamp::default()).await.unwrap();

        let (stream, teller) = stream(&test.db, &StillClock::default());
        let feed = stream.feed(TOPIC);
        assert_eq!(feed.since(1, 4_095, 9).await.unwrap(), None, "what is older is kept for nobody by key");
        while_running(&stream, Vec::new(), async {
            let before = feed.head().await.unwrap();
            assert_eq!(before, 5_000);
            for id in 1..=3 {
                tell(&test.db, &teller, 1, id).await;
            }
            assert_eq!(since(&feed, 1, before, 3).await, [1, 2, 3]);
            assert_eq!(feed.since(1, 4_096, 9_999).await.unwrap().unwrap().facts.len(), 907);
        })
        .await;
    }
}

#[test]
fn many_facts_are_deleted_a_few_hundred_at_a_time() {
    testkit::run(async {
        let test = testkit::TestDb::new(testkit::Engine::Memory, MIGRATIONS).await;
        let clock = StillClock::default();
        let (stream, teller) = stream(&test.db, &clock);
        for id in 1..=1_201 {
            tell(&test.db, &teller, 1, id).await;
        }
        assert_eq!(stream.sweep().await.unwrap(), 0, "none is old");
        clock.advance(Duration::from_hours(8 * 24));
        let mut deleted = Vec::new();
        for _ in 0..4 {
            deleted.push(stream.sweep().await.unwrap());
        }
        assert_eq!(deleted, [500, 500, 200, 0]);
    });
}

#[test]
fn one_key_has_so_many_seats_and_they_are_given_back() {
    testkit::run(async {
        let test = testkit::TestDb::new(testkit::Engine::Memory, MIGRATIONS).await;
        let (stream, _) = stream(&test.db, &StillClock::default());
        let feed = stream.heard_by(3).feed(TOPIC);
        let mut taken: Vec<Watch> = (0..3).map(|_| feed.watch(1).unwrap()).collect();
        assert!(matches!(feed.watch(1), Err(Error::TooMany(_))));
        feed.watch(2).unwrap();
        taken.pop();
        feed.watch(1).unwrap();
    });
}
