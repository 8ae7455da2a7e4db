//! What a database's schema came to, to be compared between engines.

use db::{Db, Migration, Sql, Verdict, sql};
use types::Timestamp;

use crate::{Engine, TestDb};

/// The tables of two crates, one after the other; there are so many migrations of both.
pub const fn joined<const ALL: usize>(first: &[Migration], then: &[Migration]) -> [Migration; ALL] {
    assert!(first.len() + then.len() == ALL);
    let mut all = [first[0]; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < first.len() { first[at] } else { then[at - first.len()] };
        at += 1;
    }
    all
}

/// Asserts what must be true of any list of migrations, on the engine of this database, which has them all: the tables
/// and columns are those of the embedded engine, the way back leads all the way, and up again is the same.
pub async fn check_schema(test: &TestDb, migrations: &[Migration]) {
    let made = tables(test).await;
    let embedded = TestDb::empty(Engine::Embedded).await;
    embedded.db.migrate(migrations, Timestamp::default()).await.expect("the schema");
    assert_eq!(made, tables(&embedded).await, "{:?} and the embedded engine differ", test.engine);

    let undone = test.db.migrate_down(migrations, migrations.len()).await.expect("the way back");
    assert_eq!(undone.len(), migrations.len());
    let left: Vec<String> = tables(test).await.into_iter().map(|(table, _)| table).collect();
    assert_eq!(left, ["schema_migrations"], "the way back leaves tables behind");

    test.db.migrate(migrations, Timestamp::default()).await.expect("the way there, again");
    assert_eq!(tables(test).await, made, "down and up again is not the same");
    assert_eq!(test.db.verdict(migrations).await.expect("a verdict"), Verdict::Current);
}

/// Every table of the database with its columns, both in the order of the alphabet.
pub async fn tables(test: &TestDb) -> Vec<(String, Vec<String>)> {
    tables_of(&test.db, test.engine).await
}

/// The same of a database that somebody else opened.
pub async fn tables_of(db: &Db, engine: Engine) -> Vec<(String, Vec<String>)> {
    let columns: Vec<(String, String)> = db.scan(columns_of(engine)).await.expect("the columns");
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for (table, column) in columns {
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    for (_, columns) in &mut tables {
        columns.sort();
    }
    tables.sort();
    tables
}

fn columns_of(engine: Engine) -> Sql {
    match engine {
        Engine::Embedded | Engine::Memory => sql!(
            "select t.name, c.name from sqlite_schema t join pragma_table_info(t.name) c \
             where t.type = 'table' and t.name not like 'sqlite%' order by t.name"
        ),
        Engine::Postgres => sql!(
            "select cast(table_name as text), cast(column_name as text) from information_schema.columns \
             where table_schema = current_schema() order by table_name"
        ),
        Engine::Mariadb => sql!(
            "select table_name, column_name from information_schema.columns \
             where table_schema = database() order by table_name"
        ),
    }
}
