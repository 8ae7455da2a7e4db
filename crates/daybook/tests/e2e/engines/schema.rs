//! The schema of the whole house.

use daybook::domains::{ALL, migrations};
use db::{Sql, Verdict};
use testkit::{TestDb, check_schema};
use types::Timestamp;

on_every_engine! {
    async fn the_engines_end_with_the_same_tables(engine) {
        let (test, all) = (TestDb::empty(engine).await, migrations(ALL));
        test.db.migrate(&all, Timestamp::default()).await.unwrap();
        check_schema(&test, &all).await;
    }

    async fn each_step_can_be_undone_and_done_again(engine) {
        let (test, all) = (TestDb::empty(engine).await, migrations(ALL));
        test.db.migrate(&all, Timestamp::default()).await.unwrap();
        let whole = testkit::tables(&test).await;
        for steps in 1..=all.len() {
            assert_eq!(test.db.migrate_down(&all, steps).await.unwrap().len(), steps);
            let Verdict::Behind(missing) = test.db.verdict(&all).await.unwrap() else { panic!("it is behind") };
            assert_eq!(missing.len(), steps);
            assert_eq!(test.db.migrate(&all, Timestamp::default()).await.unwrap(), missing);
            assert_eq!(testkit::tables(&test).await, whole, "after {steps} steps back");
        }
    }

    /// What `daybook migrate --print` shows is what `daybook migrate` does.
    async fn the_printed_schema_can_be_run_by_hand(engine) {
        let (test, all) = (TestDb::empty(engine).await, migrations(ALL));
        let name = match engine {
            testkit::Engine::Postgres => "postgres",
            testkit::Engine::Mariadb => "mysql",
            testkit::Engine::Embedded | testkit::Engine::Memory => "sqlite",
        };
        let printed: &'static str = db::print(&all, name).unwrap().leak();
        for statement in printed.split(";\n") {
            let lines = statement.lines().filter(|line| !line.trim_start().starts_with("--") && !line.trim().is_empty());
            let statement: &'static str = lines.collect::<Vec<_>>().join("\n").leak();
            if !statement.is_empty() {
                test.db.write(db::Batch::new().any(Sql::new(statement, Vec::new()))).await.unwrap();
            }
        }
        let by_hand = testkit::tables(&test).await;
        let migrated = TestDb::empty(engine).await;
        migrated.db.migrate(&all, Timestamp::default()).await.unwrap();
        let mut wanted = testkit::tables(&migrated).await;
        wanted.retain(|(table, _)| table != "schema_migrations");
        assert_eq!(by_hand, wanted);
    }
}
