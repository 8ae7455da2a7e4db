//! What the store promises beyond what its callers can see.
#![cfg(test)]

use std::time::{Duration, Instant};

use db::{Batch, Db, Migration, Value};
use tasks::{Filter, SqlTasks, TaskStore};
use testkit::{Engine, TestDb};
use types::{TaskId, UserId};

const SCHEMA: &[Migration] = tasks::MIGRATIONS;
const ANNA: UserId = UserId::trusted(1);
/// Enough that reading them all shows, few enough to be made in a moment.
const MANY: i64 = 100_000;

/// Many open tasks, and before all of them one that is done.
async fn many_and_one_completed(db: &Db) {
    for part in 0..MANY / 50_000 {
        let rows = (1..=50_000).map(|n| part * 50_000 + n).map(|id| {
            vec![
                ANNA.into(),
                id.into(),
                Value::from("Milk"),
                (id == 1).into(),
                (id << 10).into(),
                Value::Int(1),
                Value::Int(0),
                Value::Int(0),
            ]
        });
        let head = "insert into tasks (owner_id, id, title, completed, position, version, created_at, updated_at, gone) \
                    values";
        let rows = rows
            .map(|mut row: Vec<Value>| {
                row.push(Value::Int(0));
                row
            })
            .collect();
        db.write(Batch::new().bulk(head, rows)).await.unwrap();
    }
}

async fn quickest(store: &SqlTasks, completed: Option<bool>) -> (Duration, Vec<TaskId>) {
    let filter = Filter { completed, limit: 50, ..Filter::default() };
    let mut best = Duration::MAX;
    let mut found = Vec::new();
    for _ in 0..10 {
        let started = Instant::now();
        found = store.list(ANNA, &filter).await.unwrap().into_iter().map(|task| task.id).collect();
        best = best.min(started.elapsed());
    }
    (best, found)
}

#[test]
fn the_one_completed_among_many_is_found_without_reading_them_all() {
    testkit::run(async {
        let TestDb { db, .. } = TestDb::new(Engine::Memory, SCHEMA).await;
        many_and_one_completed(&db).await;
        let store = SqlTasks::new(db);
        let (all, newest) = quickest(&store, None).await;
        let (completed, one) = quickest(&store, Some(true)).await;
        assert_eq!((newest.len(), newest[0].number(), one), (50, MANY, vec![TaskId::trusted(1)]));
        assert!(completed < all * 5, "one completed took {completed:?}, any fifty {all:?}");
    });
}
