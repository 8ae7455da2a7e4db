use db::{Along, Db, Migration, sql};
use stream::{Fact, Stream};
use testkit::{StillClock, joined, on_every_engine};
use types::{Caller, Clock, Ids, ListId, Role, SessionId};

use super::*;
use crate::lists::List;
use crate::{Details, Draft, SqlLists, SqlTasks, events, words};

const SCHEMA: &[Migration] = &ALL;
const ALL: [Migration; stream::MIGRATIONS.len() + crate::MIGRATIONS.len()] =
    joined(stream::MIGRATIONS, crate::MIGRATIONS);

const ANNA: Caller = Caller { user: UserId::trusted(1), session: SessionId::trusted(1), role: Role::User };
const BORIS: Caller = Caller { user: UserId::trusted(2), ..ANNA };
/// More than two portions.
const MANY: usize = 250;
/// Tables in which both have something.
const OWNED: [&str; 5] = [
    "tasks where gone = 0",
    "task_marks where 0 = 0",
    "task_lists where 0 = 0",
    "task_texts where 0 = 0",
    "task_words where 0 = 0",
];

async fn rows(db: &Db, table: &str, of: &Caller) -> i64 {
    let rows = sql!("select count(*) from ").push(table).push(" and owner_id = ?").bind(of.user);
    db.first(rows).await.unwrap().unwrap()
}

/// Hands these consumers all that was told.
async fn delivered(db: &Db, stream: &Stream, consumers: Vec<Arc<dyn Consumer>>) {
    let groups: Vec<_> = consumers.iter().map(|consumer| (consumer.group(), consumer.topic())).collect();
    let moment = || tokio::time::sleep(Duration::from_millis(5));
    let all = async {
        while db.first(sql!("select count(*) from facts where number is null")).await.unwrap() != Some(0_i64)
        {
            moment().await;
        }
        for (group, topic) in groups {
            while stream.behind(group, topic).await.unwrap() > 0 {
                moment().await;
            }
        }
    };
    let running = async {
        tokio::select! { () = stream.run(consumers) => {}, () = all => {} }
    };
    tokio::time::timeout(Duration::from_secs(30), running).await.expect("not all was delivered");
}

on_every_engine! { SCHEMA;
    async fn nothing_stays_of_whoever_is_gone_and_all_of_the_others(test) {
        let clock: Arc<dyn Clock> = Arc::new(StillClock::default());
        let ids = Ids::new(clock.clone(), 0, clock.now().plus(Duration::from_hours(1)));
        let stream = Stream::new(test.db.clone(), clock.clone());
        let lists: Arc<dyn ListStore> = Arc::new(SqlLists::new(test.db.clone()));
        let tasks = Tasks::new(Arc::new(SqlTasks::new(test.db.clone())), lists.clone(), stream.teller(ids.clone()), ids.clone(), clock.clone());
        for person in [ANNA, BORIS] {
            let id: ListId = ids.next().unwrap();
            let list = List { id, name: "Home".into(), version: 1, created_at: clock.now(), updated_at: clock.now() };
            lists.insert(person.user, &list, Along::none()).await.unwrap();
            let details = Details { list_id: Some(id), ..Details::default() };
            let draft = Draft { title: "Milk".into(), details: Some(Box::new(details)), ..Draft::default() };
            for made in tasks.create_many(&person, vec![draft; MANY]).await {
                made.unwrap();
            }
        }
        let followers = || vec![events::tally(&test.db), words::Words::new(test.db.clone()) as Arc<dyn Consumer>];
        delivered(&test.db, &stream, followers()).await;
        for table in OWNED {
            assert!(rows(&test.db, table, &ANNA).await > 0, "{table}");
        }
        let before = rows(&test.db, "task_words where 0 = 0", &BORIS).await;

        // It ends in the middle, and goes on.
        let leavers = leavers(tasks, lists);
        let gone = [Fact::saying(&UserDeleted { id: ANNA.user }, 1, clock.now()).unwrap()];
        let first = tokio::time::timeout(REST / 2, leavers.handle(&gone, Along::none())).await;
        assert!(first.is_err(), "it was done at once");
        for _ in 0..2 {
            leavers.handle(&gone, Along::none()).await.unwrap();
        }
        delivered(&test.db, &stream, followers()).await;
        for table in OWNED {
            assert_eq!(rows(&test.db, table, &ANNA).await, 0, "{table}");
        }
        assert_eq!(rows(&test.db, "gone_tasks where deleted_at = 0", &ANNA).await, 250, "the chore finds them");
        assert_eq!(rows(&test.db, "tasks where gone = 0", &BORIS).await, 250);
        assert_eq!(rows(&test.db, "task_lists where 0 = 0", &BORIS).await, 1);
        assert_eq!(rows(&test.db, "task_words where 0 = 0", &BORIS).await, before);
        assert_eq!(stream.total(events::TALLY).await.unwrap(), 250);
    }
}
