//! Reading and deciding inside a transaction.

use crate::row::Source;
use crate::{Error, FromRow, Result, Row, Sql, mysql, postgres, sqlite};

/// A transaction under way. Whatever the closure given to [`Db::tx`](crate::Db::tx) does through it is committed when
/// the closure ends well, and undone when it does not.
pub struct Tx<'t> {
    pub(crate) via: Via<'t>,
    /// The first failure of a statement. From then on nothing is run, and nothing will be kept: what is left of the
    /// transaction differs between engines, and one that was undone by the engine would go on outside of any.
    failed: Option<Error>,
}

pub(crate) enum Via<'t> {
    Sqlite(&'t mut rusqlite::Connection),
    Postgres(&'t deadpool_postgres::Transaction<'t>),
    Mysql(&'t mut mysql_async::Conn),
}

impl<'t> Tx<'t> {
    pub(crate) const fn new(via: Via<'t>) -> Self {
        Self { via, failed: None }
    }

    /// All rows of a query.
    pub async fn all<T: FromRow>(&mut self, sql: Sql) -> Result<Vec<T>> {
        self.sound()?;
        let found = match &mut self.via {
            Via::Sqlite(connection) => sqlite::all(connection, &sql),
            Via::Postgres(transaction) => {
                let rows = postgres::query(*transaction, &sql).await;
                rows.and_then(|rows| {
                    rows.iter().map(|row| T::from_row(&Row(Source::Postgres(row)))).collect()
                })
            }
            Via::Mysql(connection) => {
                let rows = mysql::query(*connection, sql).await;
                rows.and_then(|rows| rows.iter().map(|row| T::from_row(&Row(Source::Mysql(row)))).collect())
            }
        };
        self.watch(found)
    }

    /// The first row of a query.
    pub async fn first<T: FromRow>(&mut self, sql: Sql) -> Result<Option<T>> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// All rows of a query, taken until the end of the transaction; those that another one has taken are passed over.
    /// Where there is one writer at a time, nobody else has any.
    pub async fn take<T: FromRow>(&mut self, sql: Sql) -> Result<Vec<T>> {
        match &self.via {
            Via::Sqlite(_) => self.all(sql).await,
            Via::Postgres(_) | Via::Mysql(_) => self.all(sql.push(" for update skip locked")).await,
        }
    }

    /// Runs a statement; how many rows it touched.
    pub async fn run(&mut self, sql: Sql) -> Result<u64> {
        self.sound()?;
        let touched = match &mut self.via {
            Via::Sqlite(connection) => sqlite::execute(connection, &sql),
            Via::Postgres(transaction) => postgres::execute(*transaction, &sql).await,
            Via::Mysql(connection) => mysql::execute(*connection, sql).await,
        };
        self.watch(touched)
    }

    /// Adds what commits with it. Its companions are told by [`Db::tx`](crate::Db::tx)'s caller.
    pub async fn along(&mut self, along: &crate::Along) -> Result<()> {
        for (step, wanted) in along.0.iter().flat_map(|companion| companion.steps()).enumerate() {
            let touched = self.run(wanted.sql).await?;
            if !wanted.rows.met_by(touched) {
                return Err(Error::Missed { step, touched, along: true });
            }
        }
        Ok(())
    }

    /// A statement that cannot be prepared: changes of the schema.
    pub(crate) async fn change(&mut self, text: &str) -> Result<()> {
        self.sound()?;
        let done = match &mut self.via {
            Via::Sqlite(connection) => connection.execute_batch(text).map_err(Error::from_sqlite),
            Via::Postgres(transaction) => transaction.batch_execute(text).await.map_err(Error::from_postgres),
            Via::Mysql(connection) => mysql::change(connection, text).await,
        };
        self.watch(done)
    }

    /// How it ends, and which statement's failure it ends with. A closure that passed over one has failed as well.
    pub(crate) fn end<T, E: From<Error>>(self, result: Result<T, E>) -> (Result<T, E>, Option<Error>) {
        match (result, self.failed) {
            (Ok(_), Some(failed)) => (Err(failed.clone().into()), Some(failed)),
            ended => ended,
        }
    }

    fn sound(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn watch<T>(&mut self, result: Result<T>) -> Result<T> {
        self.failed = result.as_ref().err().cloned();
        result
    }
}
