//! `MySQL` and `MariaDB`, through `mysql_async`.

use futures_util::future::BoxFuture;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Params, Pool, PoolConstraints, PoolOpts, TxOpts};

use crate::dialect::for_mysql;
use crate::line::Work;
use crate::row::Source;
use crate::tx::{Tx, Via};
use crate::{Error, FromRow, Result, Row, Rows, Sql, Step, Value};

/// How long a caller waits for a connection before it hears that there is none.
const WAIT: std::time::Duration = std::time::Duration::from_secs(5);

/// How long a statement waits for another transaction, in seconds.
const LOCKS: &str = "set session innodb_lock_wait_timeout = 10";

/// A pool of connections.
#[derive(Clone)]
pub struct Mysql(Pool);

impl Mysql {
    /// A pool for this URL; nothing is connected yet.
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let opts = Opts::from_url(url)
            .map_err(|e| Error::Other(format!("the database's URL cannot be used: {e}")))?;
        let limits = PoolConstraints::new(0, connections).unwrap_or_default();
        let opts = OptsBuilder::from_opts(opts)
            // An update that changes nothing has still found its row.
            .client_found_rows(true)
            .stmt_cache_size(256)
            .pool_opts(PoolOpts::new().with_constraints(limits).with_reset_connection(false))
            .setup(vec![
                "set session transaction isolation level read committed",
                "set session sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES,NO_ENGINE_SUBSTITUTION'",
                LOCKS,
            ]);
        Ok(Self(Pool::new(opts)))
    }

    async fn connection(&self) -> Result<Conn> {
        let connected = tokio::time::timeout(WAIT, self.0.get_conn()).await;
        let connected =
            connected.map_err(|_| Error::Unavailable("no connection became free in time".into()))?;
        connected.map_err(|error| match Error::from_mysql(error) {
            // Whatever a server says to a new connection, it is not there for us.
            Error::Other(text) => Error::Unavailable(text),
            other => other,
        })
    }

    /// All rows of a query.
    pub async fn all<T: FromRow>(&self, sql: Sql) -> Result<Vec<T>> {
        let mut connection = self.connection().await?;
        let rows = query(&mut connection, sql).await?;
        rows.iter().map(|row| T::from_row(&Row(Source::Mysql(row)))).collect()
    }

    /// Whether the server understands this text.
    pub async fn prepares(&self, text: &str) -> Result<()> {
        let mut connection = self.connection().await?;
        connection.prep(&*for_mysql(text)).await.map(drop).map_err(Error::from_mysql)
    }

    /// Runs the steps as one transaction.
    pub async fn write(&self, mut steps: Vec<Step>, own: usize) -> Result<()> {
        let mut connection = self.connection().await?;
        if steps.len() == 1 && (steps[0].is_plain_insert() || steps[0].rows == Rows::Any) {
            let sql = std::mem::replace(&mut steps[0].sql, Sql::new("", Vec::new()));
            // Without a transaction the statement is its own commit.
            let touched = execute(&mut connection, sql).await.map_err(Error::in_commit)?;
            return steps[0].expect(0, own, touched);
        }
        let steps = steps.into_iter().enumerate().map(|(at, step)| (at, own, step));
        transaction(&mut connection, steps).await
    }

    /// Runs the steps of several writes as one transaction.
    pub async fn write_together(&self, works: &[Work]) -> Result<()> {
        let mut connection = self.connection().await?;
        let steps = works.iter().flat_map(|(steps, own)| {
            let steps = steps.iter().cloned().enumerate();
            steps.map(|(at, step)| (at, *own, step))
        });
        // One of them that has to wait for others must not hold up all.
        change(&mut connection, "set session innodb_lock_wait_timeout = 1").await?;
        let written = transaction(&mut connection, steps).await;
        if change(&mut connection, LOCKS).await.is_err() {
            let _ = connection.disconnect().await;
        }
        written
    }

    /// Runs the closure in a transaction; the flag says whether another transaction was in its way.
    pub async fn tx<T, E: From<Error>>(
        &self,
        act: &(impl for<'a, 't> Fn(&'a mut Tx<'t>) -> BoxFuture<'a, Result<T, E>> + Send + Sync),
    ) -> (Result<T, E>, bool) {
        let begun = async {
            let mut connection = self.connection().await?;
            change(&mut connection, "start transaction").await?;
            Ok(connection)
        };
        let mut connection = match begun.await {
            Ok(connection) => connection,
            Err(error) => return (Err(Error::into(error)), false),
        };
        let mut tx = Tx::new(Via::Mysql(&mut connection));
        let (result, failed) = {
            let result = act(&mut tx).await;
            tx.end(result)
        };
        let contended = matches!(failed, Some(Error::Contended(_)));
        let (result, contended) = match result {
            Ok(value) => match change(&mut connection, "commit").await.map_err(Error::in_commit) {
                Ok(()) => (Ok(value), false),
                Err(error) => {
                    let contended = matches!(error, Error::Contended(_));
                    (Err(error.into()), contended)
                }
            },
            Err(error) => (Err(error), contended),
        };
        // A connection that may still be inside a transaction must not go back to the pool.
        if result.is_err() && change(&mut connection, "rollback").await.is_err() {
            let _ = connection.disconnect().await;
        }
        (result, contended)
    }

    /// Takes a lock of this connection, so that two programs do not migrate at once; [`Self::unlock`] gives it back,
    /// and so does the connection's end.
    pub async fn lock(tx: &mut Tx<'_>) -> Result<()> {
        let got = tx.first::<Option<i64>>(crate::sql!("select get_lock('daybook_migrations', 60)")).await?;
        match got.flatten() {
            Some(1) => Ok(()),
            _ => Err(Error::Unavailable("another program is migrating this database".into())),
        }
    }

    /// Gives the lock back, also when the transaction has failed.
    pub async fn unlock(tx: &mut Tx<'_>) -> Result<()> {
        let Via::Mysql(connection) = &mut tx.via else { return Ok(()) };
        query(*connection, crate::sql!("select release_lock('daybook_migrations')")).await.map(drop)
    }

    /// Closes the pool.
    pub async fn close(&self) {
        let _ = self.0.clone().disconnect().await;
    }
}

/// Steps, each with where it stands in its batch and where in that begins what came along.
async fn transaction(connection: &mut Conn, steps: impl Iterator<Item = (usize, usize, Step)>) -> Result<()> {
    let mut transaction = connection.start_transaction(TxOpts::default()).await.map_err(Error::from_mysql)?;
    for (at, own, mut step) in steps {
        let sql = std::mem::replace(&mut step.sql, Sql::new("", Vec::new()));
        let done = execute(&mut transaction, sql).await.and_then(|touched| step.expect(at, own, touched));
        if let Err(error) = done {
            transaction.rollback().await.map_err(Error::from_mysql)?;
            return Err(error);
        }
    }
    transaction.commit().await.map_err(Error::from_mysql).map_err(Error::in_commit)
}

/// All rows of a query on this connection.
pub async fn query(on: &mut impl Queryable, sql: Sql) -> Result<Vec<mysql_async::Row>> {
    on.exec(&*for_mysql(&sql.text), params(sql.args)).await.map_err(Error::from_mysql)
}

/// Runs a statement on this connection; how many rows it touched.
pub async fn execute(on: &mut impl Queryable, sql: Sql) -> Result<u64> {
    let result = on.exec_iter(&*for_mysql(&sql.text), params(sql.args)).await;
    let result = result.map_err(|error| named(&sql.text, Error::from_mysql(error)))?;
    let touched = result.affected_rows();
    result.drop_result().await.map_err(Error::from_mysql)?;
    Ok(touched)
}

/// The engine calls every primary key the same: the statement says whose it is.
fn named(text: &str, error: Error) -> Error {
    let mut words = text.split_whitespace().skip_while(|word| !["into", "update"].contains(word));
    match (&error, words.nth(1)) {
        (Error::Constraint(name), Some(table)) if name == "PRIMARY" => {
            Error::Constraint(format!("{table}_pkey"))
        }
        _ => error,
    }
}

/// Runs a statement that cannot be prepared.
pub async fn change(connection: &mut Conn, text: &str) -> Result<()> {
    connection.query_drop(text).await.map_err(Error::from_mysql)
}

fn params(args: Vec<Value>) -> Params {
    if args.is_empty() {
        Params::Empty
    } else {
        Params::Positional(args.into_iter().map(Into::into).collect())
    }
}

impl From<Value> for mysql_async::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Int(v) => Self::Int(v),
            Value::Text(v) => Self::Bytes(v.into_bytes()),
            Value::Blob(v) => Self::Bytes(v),
            Value::Decimal(v) => Self::Bytes(v.to_string().into_bytes()),
        }
    }
}
