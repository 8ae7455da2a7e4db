//! `PostgreSQL`, through tokio-postgres.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use deadpool_postgres::{
    Config, GenericClient, Hook, HookError, ManagerConfig, Object, Pool, PoolConfig, QueueMode,
    RecyclingMethod, Runtime,
};
use futures_util::future::BoxFuture;
use futures_util::poll;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{AsyncMessage, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::dialect::for_postgres;
use crate::line::Work;
use crate::tx::{Tx, Via};
use crate::{Error, FromRow, Result, Row, Sql, Step, Value, row::Source};

/// How many statements are sent before the first answer is awaited.
const PIPELINE: usize = 256;
/// Begins what several writes go together in: one of them that has to wait for others must not hold up all.
const TOGETHER: &str = "begin; set local lock_timeout = 100";
/// What a connection begins with. Plans are kept, and one that was made while a table was small read all of it ever after: each
/// statement here has an index that serves it.
const PLANS: &str = "set enable_seqscan = off; set jit = off";
/// How long a caller waits for a connection before it hears that there is none.
const WAIT: std::time::Duration = std::time::Duration::from_secs(5);

/// A pool of connections.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    url: Arc<str>,
}

impl Postgres {
    /// A pool for this URL; nothing is connected yet.
    pub fn open(url: &str, connections: usize) -> Result<Self> {
        let mut config = Config { url: Some(url.to_owned()), ..Config::default() };
        config.manager = Some(ManagerConfig { recycling_method: RecyclingMethod::Fast });
        config.connect_timeout = Some(WAIT);
        let mut pool = PoolConfig::new(connections);
        // The one that was used last knows most: no more of the server's processes are kept warm than are needed.
        pool.queue_mode = QueueMode::Lifo;
        pool.timeouts.wait = Some(WAIT);
        pool.timeouts.create = Some(WAIT);
        config.pool = Some(pool);
        let unfit =
            |e: &dyn std::fmt::Display| Error::Other(format!("the database's URL cannot be used: {e}"));
        let pool = config.builder(MakeRustlsConnect::with_webpki_roots()).map_err(|e| unfit(&e))?;
        let settled = Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute(PLANS).await.map_err(HookError::Backend) })
        });
        let pool = pool.runtime(Runtime::Tokio1).post_create(settled).build().map_err(|e| unfit(&e))?;
        Ok(Self { pool, url: url.into() })
    }

    async fn connection(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| match error {
            deadpool_postgres::PoolError::Backend(e) => match Error::from_postgres(e) {
                // Whatever a server says to a new connection, it is not there for us.
                Error::Other(text) => Error::Unavailable(text),
                other => other,
            },
            other => Error::Unavailable(other.to_string()),
        })
    }

    /// All rows of a query.
    pub async fn all<T: FromRow>(&self, sql: &Sql) -> Result<Vec<T>> {
        let client = self.connection().await?;
        let rows = query(&client, sql).await?;
        rows.iter().map(|row| T::from_row(&Row(Source::Postgres(row)))).collect()
    }

    /// Whether the server understands this text.
    pub async fn prepares(&self, text: &str) -> Result<()> {
        let client = self.connection().await?;
        client.prepare(&for_postgres(text)).await.map(drop).map_err(Error::from_postgres)
    }

    /// Runs the steps as one transaction.
    pub async fn write(&self, steps: &[Step], own: usize) -> Result<()> {
        let client = self.connection().await?;
        if let [step] = steps
            && (step.is_plain_insert() || step.rows == crate::Rows::Any)
        {
            // Without a transaction the statement is its own commit.
            let touched = execute(&client, &step.sql).await.map_err(Error::in_commit)?;
            return step.expect(0, own, touched);
        }
        transaction(client, "begin", &steps_of(steps, own).collect::<Vec<_>>()).await
    }

    /// Runs the steps of several writes as one transaction.
    pub async fn write_together(&self, works: &[Work]) -> Result<()> {
        let client = self.connection().await?;
        let steps: Vec<_> = works.iter().flat_map(|(steps, own)| steps_of(steps, *own)).collect();
        transaction(client, TOGETHER, &steps).await
    }

    /// Runs the closure in a transaction; the flag says whether another transaction was in its way.
    pub async fn tx<T, E: From<Error>>(
        &self,
        act: &(impl for<'a, 't> Fn(&'a mut Tx<'t>) -> BoxFuture<'a, Result<T, E>> + Send + Sync),
    ) -> (Result<T, E>, bool) {
        let mut client = match self.connection().await {
            Ok(client) => client,
            Err(error) => return (Err(error.into()), false),
        };
        let transaction = match client.transaction().await {
            Ok(transaction) => transaction,
            Err(error) => return (Err(Error::from_postgres(error).into()), false),
        };
        let mut tx = Tx::new(Via::Postgres(&transaction));
        let (result, failed) = {
            let result = act(&mut tx).await;
            tx.end(result)
        };
        let contended = matches!(failed, Some(Error::Contended(_)));
        match result {
            Ok(value) => {
                match transaction.commit().await.map_err(Error::from_postgres).map_err(Error::in_commit) {
                    Ok(()) => (Ok(value), false),
                    Err(error) => {
                        let contended = matches!(error, Error::Contended(_));
                        (Err(error.into()), contended)
                    }
                }
            }
            Err(error) => {
                let _ = transaction.rollback().await;
                (Err(error), contended)
            }
        }
    }

    /// Takes a lock that this transaction holds to its end, so that two programs do not migrate at once.
    pub async fn lock(tx: &mut Tx<'_>) -> Result<()> {
        // The number is arbitrary and only has to be the same in every Daybook.
        tx.all::<Option<i64>>(crate::sql!(
            "select cast(length(cast(pg_advisory_xact_lock(7140551) as text)) as bigint)"
        ))
        .await
        .map(drop)
    }

    /// Hears what is rung on this channel, on a connection of its own, for as long as that lasts.
    pub async fn hear(&self, channel: &'static str, mut heard: impl FnMut()) -> Result<()> {
        let tls = MakeRustlsConnect::with_webpki_roots();
        let (client, mut connection) =
            tokio_postgres::connect(&self.url, tls).await.map_err(Error::from_postgres)?;
        let listen = format!("listen {channel}");
        let mut hearing = pin!(async {
            while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(_) = message.map_err(Error::from_postgres)? {
                    heard();
                }
            }
            Ok(())
        });
        tokio::select! {
            listening = client.batch_execute(&listen) => listening.map_err(Error::from_postgres)?,
            ended = &mut hearing => return ended,
        }
        // The client is kept: without it the connection ends.
        hearing.await
    }

    /// Closes the pool.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Steps, each with where it stands in its batch and where in that begins what came along.
fn steps_of(steps: &[Step], own: usize) -> impl Iterator<Item = (usize, usize, &Step)> {
    steps.iter().enumerate().map(move |(at, step)| (at, own, step))
}

async fn transaction(client: Object, begin: &str, steps: &[(usize, usize, &Step)]) -> Result<()> {
    let mut prepared = Vec::with_capacity(steps.len());
    for (.., step) in steps {
        prepared
            .push(client.prepare_cached(&for_postgres(&step.sql.text)).await.map_err(Error::from_postgres)?);
    }
    let result = run(&client, begin, steps, &prepared).await;
    end(client, result).await
}

async fn run(
    client: &Object,
    begin: &str,
    steps: &[(usize, usize, &Step)],
    prepared: &[Statement],
) -> Result<()> {
    let mut opening = Some(sent(client.batch_execute(begin)).await);
    for (steps, prepared) in steps.chunks(PIPELINE).zip(prepared.chunks(PIPELINE)) {
        let mut runs = Vec::with_capacity(steps.len());
        for ((.., step), prepared) in steps.iter().zip(prepared) {
            let args = &step.sql.args;
            runs.push(sent(async move { client.execute(prepared, &arguments(args)).await }).await);
        }
        if let Some(opening) = opening.take() {
            opening.await.map_err(Error::from_postgres)?;
        }
        for ((at, own, step), touched) in steps.iter().zip(runs) {
            step.expect(*at, *own, touched.await.map_err(Error::from_postgres)?)?;
        }
    }
    Ok(())
}

/// Sends a request, whose answer is awaited later: requests go out in the order in which they are first polled.
async fn sent<T>(request: impl Future<Output = T>) -> impl Future<Output = T> {
    let mut request = Box::pin(request);
    let answer = poll!(request.as_mut());
    async move {
        match answer {
            Poll::Ready(answer) => answer,
            Poll::Pending => request.await,
        }
    }
}

async fn end(client: Object, result: Result<()>) -> Result<()> {
    match result {
        Ok(()) => {
            client.batch_execute("commit").await.map_err(Error::from_postgres).map_err(Error::in_commit)
        }
        Err(error) => {
            if client.batch_execute("rollback").await.is_err() {
                // A connection that may still be inside a transaction must not go back to the pool.
                drop(Object::take(client));
            }
            Err(error)
        }
    }
}

/// All rows of a query on this connection or transaction.
pub async fn query(client: &impl GenericClient, sql: &Sql) -> Result<Vec<tokio_postgres::Row>> {
    let prepared = client.prepare_cached(&for_postgres(&sql.text)).await.map_err(Error::from_postgres)?;
    client.query(&prepared, &arguments(&sql.args)).await.map_err(Error::from_postgres)
}

/// Runs a statement on this connection or transaction; how many rows it touched.
pub async fn execute(client: &impl GenericClient, sql: &Sql) -> Result<u64> {
    let prepared = client.prepare_cached(&for_postgres(&sql.text)).await.map_err(Error::from_postgres)?;
    client.execute(&prepared, &arguments(&sql.args)).await.map_err(Error::from_postgres)
}

fn arguments(args: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    args.iter().map(|value| value as _).collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            // The server infers `limit ? + 1` and the like to be narrower than what is stored.
            Self::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Self::Int(v) => v.to_sql_checked(ty, out),
            Self::Text(v) => v.to_sql_checked(ty, out),
            Self::Blob(v) => v.to_sql_checked(ty, out),
            Self::Decimal(v) => v.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
