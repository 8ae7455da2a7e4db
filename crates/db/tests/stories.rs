//! One story of the store, unchanged on every engine.
#![cfg(test)]

use db::{Along, Batch, Db, Error, Migration, Row, Rows, UnlessMissed, Value, Verdict, sql};
use futures_util::FutureExt;
use testkit::{TestDb, on_every_engine};

const NOTES: Migration = Migration {
    domain: "test",
    number: 1,
    name: "0001_notes",
    up: db::Script {
        any: "create table notes (id bigint not null, name varchar(100) not null, body text, raw blob, amount decimal, \
              seen bigint not null, constraint notes_pkey primary key (id)); \
              create unique index notes_name on notes (name);",
        servers: None,
    },
    down: "drop table notes;",
};
const SCHEMA: &[Migration] = &[NOTES];

type Note = (i64, String, Option<String>, Vec<u8>, rust_decimal::Decimal, bool);

const LATER: &[Migration] = &[
    NOTES,
    Migration {
        number: 2,
        name: "0002_more",
        up: db::Script {
            any: "create table more (id bigint not null, constraint more_pkey primary key (id));",
            servers: None,
        },
        down: "drop table more;",
        ..NOTES
    },
];
const CHANGED: &[Migration] =
    &[Migration { up: db::Script { any: "create table other (id bigint);", servers: None }, ..NOTES }];

fn insert(id: i64, name: &str) -> db::Sql {
    sql!(
        "insert into notes (id, name, body, raw, amount, seen) values (?, ?, ?, ?, ?, 0)",
        id,
        name,
        None::<String>,
        None::<String>,
        Value::Null
    )
}

async fn count(db: &Db) -> i64 {
    db.first(sql!("select count(*) from notes")).await.unwrap().unwrap()
}

on_every_engine! { SCHEMA;

    async fn what_goes_in_comes_out(test) {
        let amount: rust_decimal::Decimal = "1234567890.123456789012345678".parse().unwrap();
        let row = sql!(
            "insert into notes (id, name, body, raw, amount, seen) values (?, ?, ?, ?, ?, ?)",
            9_007_199_254_740_991_i64, "Їжак 🦔 'quoted' ?", "line\nline", vec![0_u8, 255, 10],
            Value::decimal(-amount).unwrap(), true
        );
        test.db.write(Batch::of_one(row)).await.unwrap();
        let found: Option<Note> = test.db.first(sql!("select id, name, body, raw, amount, seen from notes")).await.unwrap();
        let (id, name, body, raw, found_amount, seen) = found.unwrap();
        assert_eq!((id, name.as_str(), body.as_deref()), (9_007_199_254_740_991, "Їжак 🦔 'quoted' ?", Some("line\nline")));
        assert_eq!((raw, found_amount, seen), (vec![0, 255, 10], -amount, true));
    }

    async fn a_batch_happens_whole_or_not_at_all(test) {
        let TestDb { db, .. } = test;
        db.write(Batch::new().one(insert(1, "a")).one(insert(2, "b"))).await.unwrap();
        let missed = Batch::new().one(insert(3, "c")).one(sql!("update notes set seen = 1 where id = ?", 99));
        assert!(matches!(db.write(missed).await, Err(Error::Missed { step: 1, touched: 0, along: false })));
        let clash = Batch::new().one(insert(4, "d")).one(insert(5, "a"));
        assert!(db.write(clash).await.unwrap_err().is_constraint("notes_name"));
        let clash = Batch::new().one(insert(6, "e")).one(insert(1, "f"));
        assert!(db.write(clash).await.unwrap_err().is_constraint("notes_pkey"), "primary keys have names as well");
        assert_eq!(count(&db).await, 2);
        let too_many = Batch::of_one(sql!("update notes set seen = 1"));
        assert!(!db.write(too_many).await.unless_missed().unwrap());
        assert_eq!(db.first::<i64>(sql!("select count(*) from notes where seen = 1")).await.unwrap(), Some(0));
        let unchanged = Batch::of_one(sql!("update notes set seen = 0 where id = ?", 1));
        assert!(db.write(unchanged).await.unless_missed().unwrap(), "a row that stays as it was is found all the same");
    }

    async fn bulk_lists_and_optional_filters(test) {
        let TestDb { db, .. } = test;
        let rows = (1..=234).map(|id| vec![Value::Int(id), Value::Text(format!("n{id}")), Value::Int(id % 2)]).collect();
        db.write(Batch::new().bulk("insert into notes (id, name, seen) values", rows)).await.unwrap();
        let ids = |seen: Option<i64>, within: Vec<i64>| {
            let query = sql!("select id from notes where id in ").within(within).opt(" and seen = ?", seen).push(" order by id");
            let db = db.clone();
            async move { db.all::<i64>(query).await.unwrap() }
        };
        assert_eq!(ids(None, vec![5, 3, 999]).await, [3, 5]);
        assert_eq!(ids(Some(0), vec![1, 2, 3, 4]).await, [2, 4]);
        assert_eq!(ids(None, vec![]).await, [0_i64; 0]);
        assert_eq!(db.scan::<i64>(sql!("select count(*) from notes where name like ?", "n1%")).await.unwrap(), [111]);
    }

    async fn a_sum_is_a_number_however_an_engine_adds(test) {
        let TestDb { db, .. } = test;
        let sum = |factor: i64| db.first::<Option<i64>>(sql!("select sum(id * ?) from notes", factor));
        assert_eq!(sum(-1).await.unwrap(), Some(None));
        db.write(Batch::new().one(insert(4_611_686_018_427_387_903, "a")).one(insert(2, "b"))).await.unwrap();
        assert_eq!(sum(-1).await.unwrap(), Some(Some(-4_611_686_018_427_387_905)));
        let halves = sql!("select cast(0.5 as decimal(38,18)) as half from notes where id = 2");
        assert!(db.first::<i64>(halves).await.is_err(), "a half is no whole number");
    }

    async fn an_upsert_inserts_or_changes(test) {
        let TestDb { db, .. } = test;
        let put = |body: &str| sql!(
            "insert into notes (id, name, body, seen) values (?, ?, ?, 1) \
             on conflict (id) do update set body = excluded.body, seen = notes.seen + 1", 1, "a", body);
        db.write(Batch::new().any(put("first"))).await.unwrap();
        db.write(Batch::new().any(put("second"))).await.unwrap();
        let found: Vec<(String, i64)> = db.all(sql!("select body, seen from notes")).await.unwrap();
        assert_eq!(found, [("second".to_owned(), 2)]);
        let again = sql!("insert into notes (id, name, seen) values (?, ?, 0) on conflict (id) do nothing", 1, "z");
        db.write(Batch::new().any(again)).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    async fn a_transaction_reads_decides_and_writes(test) {
        let TestDb { db, .. } = test;
        db.write(Batch::of_one(insert(1, "counter"))).await.unwrap();
        let add = |db: Db| async move {
            for _ in 0..20 {
                db.tx::<(), Error, _>(|tx| async move {
                    tx.run(sql!("update notes set seen = seen where id = 1")).await?;
                    let seen: Option<i64> = tx.first(sql!("select seen from notes where id = 1")).await?;
                    tx.run(sql!("update notes set seen = ? where id = 1", seen.unwrap_or(0) + 1)).await?;
                    Ok(())
                }.boxed()).await.unwrap();
            }
        };
        futures_util::future::join_all((0..4).map(|_| tokio::spawn(add(db.clone())))).await;
        assert_eq!(db.first::<i64>(sql!("select seen from notes")).await.unwrap(), Some(80));
        let refused = db.tx::<(), Error, _>(|tx| async move {
            tx.run(sql!("delete from notes")).await?;
            Err(Error::Other("changed my mind".into()))
        }.boxed()).await;
        assert!(refused.is_err());
        assert_eq!(count(&db).await, 1);
    }

    async fn a_panic_in_a_transaction_harms_nobody_else(test) {
        let TestDb { db, .. } = test;
        let panicked = db.tx::<(), Error, _>(|tx| async move {
            tx.run(insert(1, "a")).await?;
            panic!("on purpose")
        }.boxed()).await;
        assert!(panicked.is_err());
        db.write(Batch::of_one(insert(2, "b"))).await.unwrap();
        assert_eq!(db.all::<i64>(sql!("select id from notes")).await.unwrap(), [2]);
    }

    async fn the_schema_goes_up_and_down_and_is_compared(test) {
        let TestDb { db, .. } = test;
        let now = types::Timestamp::default();
        assert_eq!(db.verdict(SCHEMA).await.unwrap(), Verdict::Current);
        assert_eq!(db.verdict(LATER).await.unwrap(), Verdict::Behind(vec!["test/0002_more".into()]));
        assert_eq!(db.migrate(LATER, now).await.unwrap(), ["test/0002_more"]);
        assert_eq!(db.verdict(SCHEMA).await.unwrap(), Verdict::Ahead(vec!["test/0002_more".into()]));
        assert!(db.migrate(SCHEMA, now).await.unwrap_err().to_string().contains("newer Daybook"));
        assert_eq!(db.migrate_down(LATER, 2).await.unwrap(), ["test/0002_more", "test/0001_notes"]);
        assert_eq!(db.migrate(LATER, now).await.unwrap().len(), 2);
        assert_eq!(db.migrate(LATER, now).await.unwrap().len(), 0);
        assert_eq!(db.migrate_down(LATER, 1).await.unwrap().len(), 1);
        assert!(matches!(db.verdict(CHANGED).await.unwrap(), Verdict::Changed(_)));
    }

    async fn a_write_runs_to_its_end_also_when_nobody_waits(test) {
        let TestDb { db, .. } = test;
        for id in 1..=50 {
            // Polled once, and then forgotten.
            let _ = db.write(Batch::new().one(insert(id, &format!("n{id}"))).along(Along::none())).now_or_never();
        }
        let all = async { while count(&db).await < 50 { tokio::task::yield_now().await; } };
        tokio::time::timeout(std::time::Duration::from_secs(10), all).await.expect("all fifty rows");
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgres_goes_by_the_index_also_where_it_met_a_table_small() {
    testkit::run(async {
        let test = TestDb::new(testkit::Engine::Postgres, SCHEMA).await;
        let read_whole = async || {
            test.db
                .all::<i64>(sql!("select 1 from (select pg_stat_force_next_flush()) flushed"))
                .await
                .unwrap();
            let scans =
                sql!("select cast(seq_scan as bigint) from pg_stat_user_tables where relname = 'notes'");
            test.db.first::<i64>(scans).await.unwrap().unwrap()
        };
        let find = async || {
            let found = sql!("select id from notes where id in ").within(0_i64..100);
            test.db.all::<i64>(found).await.unwrap().len()
        };
        test.db.write(Batch::of_one(insert(0, "note 0"))).await.unwrap();
        // After a few times a plan is kept.
        for _ in 0..10 {
            assert_eq!(find().await, 1);
        }
        let before = read_whole().await;
        for id in 1..=100 {
            test.db.write(Batch::of_one(insert(id, &format!("note {id}")))).await.unwrap();
            find().await;
        }
        assert_eq!(read_whole().await, before);
    });
}

#[test]
fn a_row_that_does_not_fit_is_told_of() {
    struct Wrong;
    impl db::FromRow for Wrong {
        fn from_row(row: &Row<'_>) -> db::Result<Self> {
            row.get::<i64>(0).map(|_| Self)
        }
    }
    testkit::run(async {
        let TestDb { db, .. } = TestDb::new(testkit::Engine::Memory, SCHEMA).await;
        db.write(Batch::new().step(insert(1, "text"), Rows::Exactly(1))).await.unwrap();
        assert!(db.first::<Wrong>(sql!("select name from notes")).await.is_err());
    });
}
