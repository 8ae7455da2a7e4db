//! What the store promises beyond what its callers can see.
#![cfg(test)]

use std::time::{Duration, Instant};

use db::{Batch, Db, Migration, Value, sql};
use tasks::{Filter, Order, SqlTasks, TaskStore};
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

fn fifty(completed: Option<bool>) -> Filter {
    Filter { completed, limit: 50, ..Filter::default() }
}

async fn quickest(store: &SqlTasks, filter: &Filter) -> (Duration, Vec<TaskId>) {
    let mut best = Duration::MAX;
    let mut found = Vec::new();
    for _ in 0..10 {
        let started = Instant::now();
        found = store.list(ANNA, filter).await.unwrap().into_iter().map(|task| task.id).collect();
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
        let (all, newest) = quickest(&store, &fifty(None)).await;
        let (completed, one) = quickest(&store, &fifty(Some(true))).await;
        assert_eq!((newest.len(), newest[0].number(), one), (50, MANY, vec![TaskId::trusted(1)]));
        assert!(completed < all * 5, "one completed took {completed:?}, any fifty {all:?}");
    });
}

#[test]
fn a_page_of_many_that_have_a_label_is_read_without_reading_them_all() {
    testkit::run(async {
        let TestDb { db, .. } = TestDb::new(Engine::Memory, SCHEMA).await;
        many_and_one_completed(&db).await;
        // All have the label, and a few were dragged to the front.
        let row = |mark: &str, degree: i64, id: i64| vec![ANNA.into(), mark.into(), degree.into(), id.into()];
        let head = "insert into task_marks (owner_id, mark, degree, id) values";
        for from in (0..MANY).step_by(50_000) {
            let marks = (1..=50_000).map(|n| row("label:home", 0, from + n));
            db.write(Batch::new().bulk(head, marks.collect())).await.unwrap();
        }
        let dragged = (0..3).map(|n| (n - 10, MANY - n));
        let mut batch =
            Batch::new().bulk(head, dragged.clone().map(|(to, id)| row("place", to, id)).collect());
        for (to, id) in dragged.clone() {
            batch = batch.one(sql!(
                "update tasks set position = ? where owner_id = ? and gone = 0 and id = ?",
                to,
                ANNA,
                id
            ));
        }
        db.write(batch).await.unwrap();
        let store = SqlTasks::new(db);
        let home = Filter { label: Some("home".into()), limit: 50, ..Filter::default() };
        let (newest, _) = quickest(&store, &home).await;
        let in_order = Filter { order: Order::Position { after: None }, ..home };
        let (placed, found) = quickest(&store, &in_order).await;
        let wanted: Vec<i64> = dragged.map(|(_, id)| id).chain(1..=47).collect();
        assert_eq!(found.into_iter().map(TaskId::number).collect::<Vec<_>>(), wanted);
        assert!(placed < newest * 5, "in order took {placed:?}, newest first {newest:?}");
    });
}

#[test]
fn open_tasks_are_counted_no_further_than_asked() {
    testkit::run(async {
        let TestDb { db, .. } = TestDb::new(Engine::Memory, SCHEMA).await;
        many_and_one_completed(&db).await;
        let store = SqlTasks::new(db);
        let (all, _) = quickest(&store, &fifty(None)).await;
        let mut best = Duration::MAX;
        for _ in 0..10 {
            let started = Instant::now();
            assert_eq!(store.count_open(ANNA, 101).await.unwrap(), 101);
            best = best.min(started.elapsed());
        }
        assert!(best < all * 5, "counting took {best:?}, any fifty {all:?}");
        assert_eq!(store.count_open(ANNA, MANY).await.unwrap(), MANY - 1);
        assert_eq!(store.count_open(UserId::trusted(2), 101).await.unwrap(), 0);
    });
}
