use db::{Along, sql};
use testkit::{StillClock, on_every_engine};
use types::TaskId;
use types::UserId;

use super::*;
use crate::task::Task;
use crate::{MIGRATIONS, SqlTasks, TaskStore};

const ANNA: UserId = UserId::trusted(1);
const BORIS: UserId = UserId::trusted(2);
const DAY: Duration = Duration::from_hours(24);

fn task(id: i64, clock: &StillClock) -> Task {
    let now = clock.now();
    Task {
        id: TaskId::trusted(id),
        title: "Milk".into(),
        note: None,
        completed: false,
        details: None,
        position: id << 10,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// How many rows this table has.
async fn rows(db: &Db, table: &str) -> i64 {
    db.first(sql!("select count(*) from ").push(table)).await.unwrap().unwrap()
}

on_every_engine! { MIGRATIONS;
    async fn what_was_deleted_is_removed_after_thirty_days(test) {
        let (store, gone, clock) = (SqlTasks::new(test.db.clone()), SqlGone::new(test.db.clone()), StillClock::default());
        let many: Vec<Task> = (1..=250).map(|id| task(id, &clock)).collect();
        let ids: Vec<TaskId> = many.iter().map(|task| task.id).collect();
        for owner in [ANNA, BORIS] {
            store.insert_all(owner, &many, Along::none()).await.unwrap();
        }
        assert!(store.delete_all(ANNA, &ids, clock.now(), Along::none()).await.unwrap());
        assert!(store.delete(BORIS, &many[0], clock.now(), Along::none()).await.unwrap());

        assert_eq!(gone.bury(clock.now()).await.unwrap(), 0);
        clock.advance(Duration::from_micros(1));
        let buried = [gone.bury(clock.now()).await.unwrap(), gone.bury(clock.now()).await.unwrap(), gone.bury(clock.now()).await.unwrap()];
        assert_eq!(buried, [200, 51, 0]);
        assert_eq!((rows(&test.db, "tasks").await, rows(&test.db, "gone_tasks").await), (249, 0));
        assert!(store.find_deleted(ANNA, ids[0]).await.unwrap().is_none());
        assert!(store.find_deleted(BORIS, ids[0]).await.unwrap().is_none());
        assert!(store.find(BORIS, ids[1]).await.unwrap().is_some());
    }

    /// What was brought back stays, and has its thirty days anew when it is deleted again.
    async fn what_was_brought_back_stays(test) {
        let (store, gone, clock) = (SqlTasks::new(test.db.clone()), SqlGone::new(test.db.clone()), StillClock::default());
        let pair = [task(1, &clock), task(2, &clock)];
        store.insert_all(ANNA, &pair, Along::none()).await.unwrap();
        for task in &pair {
            let (next, last) = (Task { version: 2, ..task.clone() }, Task { version: 3, ..task.clone() });
            assert!(store.delete(ANNA, task, clock.now(), Along::none()).await.unwrap());
            assert!(store.restore(ANNA, &next, &last, Along::none()).await.unwrap());
            // In the same moment, and brought back again.
            assert!(store.delete(ANNA, &last, clock.now(), Along::none()).await.unwrap());
            let (next, last) = (Task { version: 4, ..task.clone() }, Task { version: 5, ..task.clone() });
            assert!(store.restore(ANNA, &next, &last, Along::none()).await.unwrap());
        }
        clock.advance(DAY);
        assert!(store.delete(ANNA, &Task { version: 5, ..pair[1].clone() }, clock.now(), Along::none()).await.unwrap());
        assert_eq!(gone.bury(clock.now()).await.unwrap(), 2);
        assert!(store.find(ANNA, pair[0].id).await.unwrap().is_some());
        assert!(store.find_deleted(ANNA, pair[1].id).await.unwrap().is_some());
        assert_eq!(rows(&test.db, "gone_tasks").await, 1);
    }
}
