//! Words of tasks that were there before there were words, and searches that find little among much.
#![cfg(test)]

use std::sync::Arc;

use db::{Batch, Db, Migration, Value};
use stream::{Consumer, Stream, Teller};
use tasks::{Filter, Order, SqlTasks, TaskStore};
use testkit::{Engine, TestDb, on_every_engine};
use types::{Error, Ids, SystemClock, TaskId, Timestamp, UserId};

const SCHEMA: &[Migration] = tasks::MIGRATIONS;
const OWNERS: std::ops::RangeInclusive<i64> = 1..=3;
const EACH: i64 = 130;

fn words(db: &Db) -> Arc<dyn Consumer> {
    let clock = Arc::new(SystemClock);
    let ids = Ids::new(clock.clone(), 0, Timestamp::from_millis(i64::MAX / 1_000_000));
    let part = tasks::part(
        db,
        &Stream::new(db.clone(), clock.clone()),
        Teller::unheard(ids.clone(), clock.clone()),
        ids,
        clock,
    );
    part.consumers.into_iter().find(|consumer| consumer.group() == "tasks.words").unwrap()
}

/// Rows as an older program left them.
async fn old_tasks(db: &Db) {
    let row = |owner: i64, n: i64| {
        let id = owner * 1_000 + n;
        let gone = i64::from(n % 10 == 0);
        let title = format!("Old task {n}");
        let deleted_at = if gone == 1 { Value::Int(1) } else { Value::Null };
        let mut row: Vec<Value> = vec![owner.into(), gone.into(), id.into(), title.into(), deleted_at];
        row.extend([0, id, 1, 0, 0].map(Value::Int));
        row
    };
    let rows = OWNERS.flat_map(|owner| (1..=EACH).map(move |n| row(owner, n))).collect();
    let head = "insert into tasks (owner_id, gone, id, title, deleted_at, completed, position, version, created_at, \
                updated_at) values";
    db.write(Batch::new().bulk(head, rows)).await.unwrap();
}

async fn found(db: &Db, owner: i64, words: &[&str]) -> Vec<TaskId> {
    search(db, owner, words, None).await.0
}

async fn search(
    db: &Db,
    owner: i64,
    words: &[&str],
    before: Option<TaskId>,
) -> (Vec<TaskId>, Option<TaskId>) {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let filter = Filter { limit: 201, order: Order::Newest { before }, ..Filter::default() };
    let found = SqlTasks::new(db.clone()).search(UserId::trusted(owner), &words, &filter).await.unwrap();
    (found.tasks.into_iter().map(|task| task.id).collect(), found.next)
}

/// To the end of the walk; whoever meets another on it looks again.
async fn walk(words: &dyn Consumer) {
    loop {
        match words.catch_up().await {
            Ok(true) | Err(Error::Stale | Error::Unavailable { .. }) => {}
            Ok(false) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

on_every_engine! { SCHEMA;
    async fn the_walk_goes_on_where_it_was_broken_off_and_two_may_walk(test) {
        let db = &test.db;
        old_tasks(db).await;
        assert!(words(db).catch_up().await.unwrap() && words(db).catch_up().await.unwrap(), "there is more");
        assert_eq!(found(db, 1, &["ol"]).await.len(), 25, "the first of the first owner");
        assert_eq!(found(db, 2, &["old"]).await, []);

        let (one, other) = (words(db), words(db));
        futures_util::join!(walk(&*one), walk(&*other));
        for owner in OWNERS {
            let wanted: Vec<TaskId> =
                (1..=EACH).rev().filter(|n| n % 10 != 0).map(|n| TaskId::trusted(owner * 1_000 + n)).collect();
            assert_eq!(found(db, owner, &["task", "old"]).await, wanted);
            assert_eq!(found(db, owner, &["old", "77"]).await, [TaskId::trusted(owner * 1_000 + 77)]);
        }
        assert!(!words(db).catch_up().await.unwrap(), "it is over for good");
    }
}

/// Many have the one word and many the other; only an old one has both.
#[test]
fn a_search_that_finds_little_says_where_it_goes_on() {
    testkit::run(async {
        let TestDb { db, .. } = TestDb::new(Engine::Memory, SCHEMA).await;
        let word = |n: i64| if n % 2 == 0 { "left" } else { "right" };
        let words = |n: i64| if n == 1_001 { "left right".to_owned() } else { word(n).to_owned() };
        for from in (1..=12_000).step_by(1_000) {
            let all = from..from + 1_000;
            let texts = all.clone().map(|n| vec![Value::Int(1), n.into(), Value::Int(1), words(n).into()]);
            let rows = all.map(|n| vec![Value::Int(1), word(n).as_bytes().to_vec().into(), n.into()]);
            let batch = Batch::new()
                .bulk("insert into task_texts (owner_id, id, version, words) values", texts.collect())
                .bulk("insert into task_words (owner_id, word, id) values", rows.collect());
            db.write(batch).await.unwrap();
        }
        old_tasks(&db).await;
        let (none, next) = search(&db, 1, &["left", "right"], None).await;
        assert_eq!((none, next), (vec![], Some(TaskId::trusted(2_001))), "ten thousand were looked at");
        assert_eq!(search(&db, 1, &["left", "right"], next).await, (vec![TaskId::trusted(1_001)], None));
        assert_eq!(
            search(&db, 1, &["left"], next).await.0.len(),
            53,
            "as many of those old tasks are even, and one"
        );
    });
}
