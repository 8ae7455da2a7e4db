use api::stop::Stop;
use db::{Batch, Migration, Value, sql};
use jobs::{Draft, Queue};
use testkit::{StillClock, on_every_engine};
use types::{Expected, Ids, Timestamp};

use crate::accounts::stage::{self, PASSWORD, Stage};

use super::*;

/// The tables of identity, and those of jobs.
const SCHEMA: &[Migration] =
    &testkit::joined::<{ stage::SCHEMA.len() + jobs::MIGRATIONS.len() }>(stage::SCHEMA, jobs::MIGRATIONS);

/// Does each of these chores once.
async fn done(db: &Db, clock: &StillClock, chores: Vec<Arc<dyn Handler>>) {
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let ids = Ids::new(clock.clone(), 7, Timestamp::from_micros(i64::MAX / 2));
    let queue = Queue::new(db.clone(), ids, clock);
    let drafts = chores.iter().map(|chore| Draft::of(chore.kind(), "{}")).collect();
    queue.add(drafts).await.unwrap();
    let (stop, trigger) = Stop::manual();
    let all_done = async {
        while rows(db, "jobs where state <> 2").await > 0 {
            tokio::task::yield_now().await;
        }
        trigger.pull();
    };
    let working = async { tokio::join!(queue.work(chores, ("test".into(), 10), stop), all_done) };
    tokio::time::timeout(Duration::from_secs(20), working).await.expect("the chores are never done");
}

/// How many rows this table has.
async fn rows(db: &Db, table: &str) -> i64 {
    db.first(sql!("select count(*) from ").push(table)).await.unwrap().unwrap()
}

/// Rows whose time is over one after the other, a second apart from the moment of the clock on.
async fn filled(db: &Db, clock: &StillClock, count: i64) {
    let value = |n: i64| Value::from(clock.now().plus(Duration::from_secs(n.unsigned_abs())));
    let (text, zero) = (|| Value::from("x"), || Value::Int(0));
    let ids = || 1..=count;
    let sessions = ids().map(|n| {
        let mut row = vec![Value::Int(7), Value::Int(n), text(), text(), zero(), zero(), value(n)];
        row.extend([zero(), zero(), zero(), Value::from(vec![1_u8]), Value::from(None::<i64>)]);
        row
    });
    let endings = ids().map(|n| vec![Value::Int(n), Value::Int(7), Value::Int(n), zero(), zero(), value(n)]);
    let codes = ids().map(|n| {
        let target = Value::from(format!("{n}@example.org"));
        vec![Value::from("verify"), target, Value::Int(n), zero(), zero(), zero(), zero(), zero(), value(n)]
    });
    let batch = Batch::new()
        .bulk(
            "insert into sessions (owner_id, id, agent, address, created_at, seen_at, expires_at, rotation, rotated_at, used, \
             current_hash, previous_hash) values",
            sessions.collect(),
        )
        .bulk(
            "insert into endings (id, user_id, session_id, generation, happened_at, expires_at) values",
            endings.collect(),
        )
        .bulk(
            "insert into codes (reason, target, id, is_real, sent, sent_at, tries, used, expires_at) values",
            codes.collect(),
        );
    db.write(batch).await.unwrap();
}

on_every_engine! { SCHEMA;
    async fn what_is_over_goes_a_portion_at_a_time_and_nothing_else_does(test) {
        let (db, clock) = (&test.db, StillClock::default());
        filled(db, &clock, 503).await;
        let store = SqlOver::new(db.clone());
        let before = clock.now().plus(Duration::from_secs(502));
        for _ in 0..2 {
            let gone = (store.sessions(before).await.unwrap(), store.endings(before).await.unwrap(), store.codes(before).await.unwrap());
            assert!(matches!(gone, (500, 500, 500) | (1, 1, 1)), "{gone:?}");
        }
        assert_eq!(store.sessions(before).await.unwrap(), 0);
        for table in ["sessions", "endings", "codes"] {
            assert_eq!(rows(db, table).await, 2, "{table}");
        }
    }

    async fn an_hour_after_its_time_it_is_gone_and_a_code_a_day_after(test) {
        let (db, stage) = (&test.db, Stage::new(&test.db));
        let (clock, shared): (_, Arc<dyn Clock>) = (&stage.clock, Arc::new(stage.clock.clone()));
        filled(db, clock, 1).await;
        let left = async || (rows(db, "sessions").await, rows(db, "endings").await, rows(db, "codes").await);
        for (passes, stays) in [(3_600, (1, 1, 1)), (2, (0, 0, 1)), (82_799, (0, 0, 1)), (2, (0, 0, 0))] {
            clock.advance(Duration::from_secs(passes));
            done(db, clock, chores(db, &stage.accounts, &shared)).await;
            assert_eq!(left().await, stays, "{passes}");
        }
    }

    async fn whoever_left_is_gone_after_thirty_days(test) {
        let (db, stage) = (&test.db, Stage::new(&test.db));
        let shared: Arc<dyn Clock> = Arc::new(stage.clock.clone());
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = stage.enter(&anna).await;
        stage.accounts.leave(&caller, PASSWORD, "", &Expected::Any).await.unwrap();
        for (days, stays) in [(30, 1), (1, 0)] {
            stage.clock.advance(Duration::from_hours(24) * days);
            done(db, &stage.clock, chores(db, &stage.accounts, &shared)).await;
            assert_eq!(rows(db, "users").await, stays);
        }
        assert_eq!(stage.told("deleted").await.len(), 1);
    }
}
