//! The answers to writes are true, also where stores and companions misbehave.

use std::time::Duration;

use db::{Along, Batch, Companion, Db, Error, FromRow, Migration, Row, Rows, Script, Sql, Step, sql};
use futures_util::FutureExt;
use testkit::{Engine, TestDb, on_every_engine};

pub const SCHEMA: &[Migration] = &[Migration {
    domain: "proof",
    number: 1,
    name: "0001_marks",
    up: Script {
        any: "create table marks (id bigint not null, note varchar(100) not null, \
              constraint marks_pkey primary key (id));",
        servers: None,
    },
    down: "drop table marks;",
}];

pub fn mark(id: i64, note: &str) -> Sql {
    sql!("insert into marks (id, note) values (?, ?)", id, note)
}

pub async fn marks(db: &Db) -> Vec<i64> {
    db.all(sql!("select id from marks order by id")).await.unwrap()
}

/// Breaks when it is told of its commit.
#[derive(Debug)]
struct Clumsy;

impl Companion for Clumsy {
    fn steps(&self) -> Vec<Step> {
        vec![Step::new(mark(2, "along"), Rows::Exactly(1))]
    }

    fn committed(&self) {
        panic!("on purpose");
    }
}

/// A row that breaks its reader.
struct Trap;

impl FromRow for Trap {
    fn from_row(_: &Row<'_>) -> db::Result<Self> {
        panic!("on purpose")
    }
}

on_every_engine! { SCHEMA;

    async fn a_statement_that_failed_fails_its_transaction_also_when_it_is_passed_over(test) {
        test.db.write(Batch::of_one(mark(1, "first"))).await.unwrap();
        let passed_over = test.db.tx::<(), Error, _>(|tx| async move {
            tx.run(mark(2, "before")).await?;
            assert!(tx.run(mark(1, "again")).await.is_err());
            assert!(tx.run(mark(3, "after")).await.is_err());
            Ok(())
        }.boxed()).await;
        assert!(passed_over.is_err());
        assert_eq!(marks(&test.db).await, [1]);
        // The connection it had is fit for others.
        for id in 10..20 {
            test.db.write(Batch::new().one(mark(id, "a")).one(mark(id + 10, "b"))).await.unwrap();
        }
        assert_eq!(marks(&test.db.clone()).await.len(), 21);
    }

    async fn a_transaction_answers_with_its_own_error_and_others_are_none_the_wiser(test) {
        let own = |db: Db| async move {
            db.tx::<(), types::Error, _>(|tx| async move {
                tx.run(mark(1, "own")).await?;
                Err(types::Error::Stale)
            }.boxed()).await
        };
        let theirs = |db: Db, id: i64| async move { db.write(Batch::of_one(mark(id, "theirs"))).await };
        let (own, one, two) =
            tokio::join!(own(test.db.clone()), theirs(test.db.clone(), 2), theirs(test.db.clone(), 3));
        assert!(matches!(own, Err(types::Error::Stale)), "{own:?}");
        one.and(two).unwrap();
        assert_eq!(marks(&test.db).await, [2, 3]);
    }

    async fn a_panic_in_a_transaction_is_a_bug_and_not_a_busy_database(test) {
        let panicked = test.db.tx::<(), Error, _>(|_| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(Error::Other(_))), "{panicked:?}");
    }

    async fn a_companion_that_breaks_after_the_commit_takes_nothing_back(test) {
        let batch = Batch::of_one(mark(1, "own")).along(Along::none().with(Clumsy));
        test.db.write(batch).await.unwrap();
        test.db.write(Batch::of_one(mark(3, "later"))).await.unwrap();
        assert_eq!(marks(&test.db).await, [1, 2, 3]);
    }

    async fn a_reader_that_breaks_leaves_nothing_behind(test) {
        test.db.write(Batch::of_one(mark(1, "x"))).await.unwrap();
        let db = test.db.clone();
        let broken = tokio::spawn(async move { db.scan::<Trap>(sql!("select id from marks")).await.map(drop) });
        assert!(!matches!(broken.await, Ok(Ok(()))));
        // Longer than a long read may take: a limit that was left behind would cut off what comes now.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let rows = (2..20_000).map(|id| vec![db::Value::Int(id), db::Value::Text("y".into())]).collect();
        test.db.write(Batch::new().bulk("insert into marks (id, note) values", rows)).await.unwrap();
        assert_eq!(marks(&test.db).await.len(), 19_999);
    }
}

#[test]
fn a_plain_insert_that_touches_too_few_rows_leaves_none() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, SCHEMA).await;
        test.db.write(Batch::of_one(mark(1, "first"))).await.unwrap();
        let half =
            sql!("insert into marks (id, note) values (?, 'a'), (?, 'b') on conflict (id) do nothing", 1, 2);
        let missed = test.db.write(Batch::new().step(half, Rows::Exactly(2))).await;
        assert!(matches!(missed, Err(Error::Missed { touched: 1, .. })), "{missed:?}");
        assert_eq!(marks(&test.db).await, [1]);
    });
}

#[test]
fn a_job_that_cannot_be_undone_alone_takes_its_group_with_it() {
    testkit::run(async {
        let test = TestDb::new(Engine::Embedded, SCHEMA).await;
        let astray = test.db.tx::<(), Error, _>(|tx| {
            async move {
                tx.run(mark(1, "half")).await?;
                // What no store does, and what a broken disk may come to: the point to go back to is gone.
                tx.run(sql!("release job")).await?;
                Err(Error::Other("changed my mind".into()))
            }
            .boxed()
        });
        assert!(astray.await.is_err());
        assert_eq!(marks(&test.db).await, [0_i64; 0]);
        test.db.write(Batch::of_one(mark(2, "next"))).await.unwrap();
        assert_eq!(marks(&test.db).await, [2]);
    });
}

#[test]
fn the_last_handle_to_be_closed_leaves_one_file_behind() {
    testkit::run(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("daybook.db").display());
        let db = Db::open(&db::Settings::new(url)).unwrap();
        db.migrate(SCHEMA, types::Timestamp::default()).await.unwrap();
        let other = db.clone();
        db.close().await;
        other.write(Batch::of_one(mark(1, "a"))).await.unwrap();
        other.close().await;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    });
}
