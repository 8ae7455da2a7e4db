//! Following all facts of a topic, on every engine.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use db::{Along, Batch, Db};
use stream::{Fact, MIGRATIONS, Stream, Teller};
use testkit::{StillClock, on_every_engine};
use types::facts::tasks::{TOPIC, TaskCreated};
use types::{Ids, TaskId, Timestamp, UserId};

/// How long all of it may take.
const SOON: Duration = Duration::from_secs(30);

async fn tell(db: &Db, teller: &Teller, ids: std::ops::Range<i64>) {
    for id in ids {
        let fact = TaskCreated { id: TaskId::trusted(id), owner: UserId::trusted(1 + id % 3), version: 1 };
        let along = Along::none().with(teller.tell(&fact).unwrap());
        db.write(Batch::new().along(along)).await.unwrap();
    }
}

fn tasks(facts: &[Fact]) -> Vec<i64> {
    facts.iter().map(|fact| fact.read::<TaskCreated>().unwrap().unwrap().id.number()).collect()
}

on_every_engine! { MIGRATIONS;

    async fn one_who_follows_hears_each_fact_once_in_the_order_of_numbers(test) {
        let clock = StillClock::default();
        let stream = Stream::new(test.db.clone(), Arc::new(clock.clone()));
        let teller = stream.teller(Ids::new(Arc::new(clock.clone()), 0, Timestamp::from_micros(i64::MAX)));
        let (db, feed) = (&test.db, stream.feed(TOPIC));
        let (mut follow, mut others) = (stream.follow(TOPIC), stream.follow("others"));
        assert_eq!((follow.begin().await, others.begin().await), (0, 0));
        let story = async {
            let writing = async {
                tokio::join!(
                    tell(db, &teller, 1..101), tell(db, &teller, 101..201),
                    tell(db, &teller, 201..301), tell(db, &teller, 301..401),
                );
            };
            let hearing = async {
                let (mut upto, mut heard) = (0, Vec::new());
                while heard.len() < 400 {
                    let step = follow.next().await;
                    assert_eq!(step.after, upto, "one step begins where the last has ended");
                    assert!(step.facts.iter().all(|fact| fact.number > step.after && fact.number <= step.upto));
                    assert!(step.facts.is_sorted_by_key(|fact| fact.number));
                    upto = step.upto;
                    heard.extend(tasks(&step.facts));
                }
                heard
            };
            let ((), mut heard) = tokio::join!(writing, hearing);
            let read = feed.step(0, 300).await.unwrap().unwrap();
            assert_eq!((read.after, read.upto, tasks(&read.facts)), (0, 300, heard[..300].to_vec()));
            heard.sort_unstable();
            assert_eq!(heard, (1..401).collect::<Vec<_>>());
            let nothing = others.next().await;
            assert!(nothing.facts.is_empty() && nothing.upto > 0, "numbers pass that are of other topics");

            assert_eq!(follow.begin().await, 400);
            tell(db, &teller, 500..501).await;
            assert_eq!(tasks(&follow.next().await.facts), [500], "and nothing from before");

            clock.advance(Duration::from_hours(24 * 8));
            while stream.sweep().await.unwrap() > 0 {}
            assert_eq!(feed.step(0, 300).await.unwrap(), None, "they may be gone");
        };
        tokio::select! {
            () = stream.run(Vec::new()) => unreachable!("it runs for ever"),
            done = tokio::time::timeout(SOON, story) => done.expect("all in time"),
        }
    }
}
