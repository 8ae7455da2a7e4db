//! Transactions in each other's way, and more callers than connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use db::{Batch, Db, Error, Rows, Settings, Sql, sql};
use futures_util::FutureExt;
use testkit::on_every_engine;
use tokio::sync::Notify;

use super::transactions::{SCHEMA, mark, marks};

/// Two rows, in this order, in one batch.
async fn write_both(db: Db, ids: [i64; 2], rounds: i64) {
    for round in 0..rounds {
        let change = |id: i64| sql!("update marks set note = ? where id = ?", format!("round {round}"), id);
        db.write(Batch::new().one(change(ids[0])).one(change(ids[1]))).await.unwrap();
    }
}

/// The same in a transaction that looks before it writes.
async fn add_to_both(db: Db, ids: [i64; 2], rounds: i64) {
    for _ in 0..rounds {
        let done = db.tx::<(), Error, _>(move |tx| {
            async move {
                for id in ids {
                    tx.run(sql!("update marks set note = note where id = ?", id)).await?;
                    let note: Option<String> =
                        tx.first(sql!("select note from marks where id = ?", id)).await?;
                    let more = note.unwrap_or_default().parse::<i64>().unwrap_or(0) + 1;
                    tx.run(sql!("update marks set note = ? where id = ?", more.to_string(), id)).await?;
                }
                Ok(())
            }
            .boxed()
        });
        done.await.unwrap();
    }
}

/// One connection, and a transaction that keeps it until it is told to end.
async fn hold_the_only_connection(
    url: &str,
) -> (Db, Arc<Notify>, tokio::task::JoinHandle<Result<(), Error>>) {
    hold(Db::open(&Settings { connections: 1, ..Settings::new(url) }).unwrap(), mark(1, "held")).await
}

/// A transaction that has done this, and ends when it is told to.
async fn hold(db: Db, doing: Sql) -> (Db, Arc<Notify>, tokio::task::JoinHandle<Result<(), Error>>) {
    let (begun, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (holder, told, waits) = (db.clone(), begun.clone(), end.clone());
    let held = tokio::spawn(async move {
        let act = holder.tx::<(), Error, _>(move |tx| {
            let (told, waits, doing) = (told.clone(), waits.clone(), doing.clone());
            async move {
                tx.run(doing).await?;
                told.notify_one();
                waits.notified().await;
                Ok(())
            }
            .boxed()
        });
        act.await
    });
    begun.notified().await;
    (db, end, held)
}

/// One of many that come at once; some are refused, and some find nothing to write to.
fn one_of_many(id: i64) -> Batch {
    let batch = Batch::new().one(mark(id, "first"));
    match id % 8 {
        0 => batch.one(mark(1, "taken")),
        4 => batch.one(sql!("update marks set note = 'gone' where id = ?", -id)),
        _ => batch.one(sql!("update marks set note = 'second' where id = ?", id)),
    }
}

on_every_engine! { SCHEMA;

    async fn of_many_at_once_each_has_its_own_fate(test) {
        test.db.write(Batch::of_one(mark(1, "here"))).await.unwrap();
        let all = (2..258).map(|id| test.db.write(one_of_many(id)));
        for (id, answer) in (2..).zip(futures_util::future::join_all(all).await) {
            match id % 8 {
                0 => assert!(matches!(answer, Err(Error::Constraint(_))), "{id}: {answer:?}"),
                4 => assert!(matches!(answer, Err(Error::Missed { step: 1, touched: 0, along: false })), "{id}: {answer:?}"),
                _ => answer.unwrap(),
            }
        }
        let wanted: Vec<i64> = (2..258).filter(|id| id % 4 != 0).collect();
        let done = sql!("select id from marks where note = 'second' order by id");
        assert_eq!(test.db.all::<i64>(done).await.unwrap(), wanted);
        assert_eq!(marks(&test.db).await.len(), wanted.len() + 1);
    }

    async fn one_that_has_to_wait_for_others_does_not_hold_up_all(test) {
        if test.db.is_sole() {
            return;
        }
        test.db.write(Batch::of_one(mark(1, "here"))).await.unwrap();
        let (_, end, held) = hold(test.db.clone(), sql!("update marks set note = 'held' where id = 1")).await;
        let db = test.db.clone();
        let waits = tokio::spawn(async move {
            let change = |id: i64| sql!("update marks set note = 'changed' where id = ?", id);
            db.write(Batch::of_one(change(1)).one(mark(2, "with it"))).await
        });
        let others = (10..200).map(|id| test.db.write(Batch::of_one(mark(id, "first")).one(mark(1_000 + id, "second"))));
        for answer in futures_util::future::join_all(others).await {
            answer.unwrap();
        }
        assert!(!waits.is_finished());
        end.notify_one();
        held.await.unwrap().unwrap();
        waits.await.unwrap().unwrap();
        assert_eq!(marks(&test.db).await.len(), 2 + 2 * 190);
    }

    async fn batches_in_opposite_order_both_get_done(test) {
        test.db.write(Batch::new().one(mark(1, "0")).one(mark(2, "0"))).await.unwrap();
        let one = tokio::spawn(write_both(test.db.clone(), [1, 2], 200));
        let two = tokio::spawn(write_both(test.db.clone(), [2, 1], 200));
        one.await.and(two.await).unwrap();
        let notes: Vec<String> = test.db.all(sql!("select note from marks")).await.unwrap();
        assert_eq!(notes, ["round 199", "round 199"]);
    }

    async fn transactions_in_opposite_order_lose_no_update(test) {
        test.db.write(Batch::new().one(mark(1, "0")).one(mark(2, "0"))).await.unwrap();
        let rounds = if test.engine == testkit::Engine::Postgres { 10 } else { 100 };
        let one = tokio::spawn(add_to_both(test.db.clone(), [1, 2], rounds));
        let two = tokio::spawn(add_to_both(test.db.clone(), [2, 1], rounds));
        one.await.and(two.await).unwrap();
        let notes: Vec<String> = test.db.all(sql!("select note from marks")).await.unwrap();
        assert_eq!(notes, [(2 * rounds).to_string(), (2 * rounds).to_string()]);
    }

    async fn who_gets_no_connection_hears_so_and_the_pool_is_as_good_as_before(test) {
        if test.db.is_sole() {
            return;
        }
        let (db, end, held) = hold_the_only_connection(&test.url).await;
        let started = Instant::now();
        let answers = futures_util::future::join_all((0..4).map(|id| db.write(Batch::of_one(mark(10 + id, "late")))));
        for answer in answers.await {
            assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(7));
        end.notify_one();
        held.await.unwrap().unwrap();
        for id in 2..10 {
            db.write(Batch::new().step(mark(id, "next"), Rows::Exactly(1)).one(mark(100 + id, "next"))).await.unwrap();
        }
        assert_eq!(marks(&db).await.len(), 17);
    }
}
