//! The one handle that stores hold.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{error::Elapsed, timeout};

use crate::line::{Job as Small, Line, Server, Way, Work};
use crate::mysql::Mysql;
use crate::postgres::Postgres;
use crate::sqlite::{self, Copier, Job, Log, Place, Readers, Writer};
use crate::tx::{Tx, Via};
use crate::{Batch, Error, FromRow, Result, Sql, Step, dialect};

/// How often a transaction that met another is tried again.
const TRIES: u32 = 6;
/// A batch is at most this many statements: what is larger would hold up everybody's commit, and is split.
const LARGEST: usize = 1_000;

/// How long a server usually may take for a statement or a batch.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the last handle waits to be the last.
const LETTING_GO: Duration = Duration::from_secs(1);

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// It does: what was acknowledged survives the loss of power.
    #[default]
    Full,
    /// It does not. For showing that the power-loss test finds it out, and nothing else.
    Normal,
}

/// Which database, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `memory`, `sqlite:PATH`, or the URL of a server.
    pub url: String,
    /// Connections to a server.
    pub connections: usize,
    /// What a commit of the embedded engine waits for.
    pub durability: Durability,
    /// How long a server may take for a statement or a batch: one that hangs must not hold requests for good.
    pub patience: Duration,
}

impl Settings {
    /// The embedded engine in this file.
    pub fn embedded(file: &Path) -> Self {
        Self::new(format!("sqlite:{}", file.display()))
    }

    /// The usual settings for this database.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), connections: 8, durability: Durability::Full, patience: PATIENCE }
    }

    /// The file that the database is, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.url.strip_prefix("sqlite:").map(Path::new)
    }
}

/// A database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    /// Small writes that wait for a server.
    line: Line,
    patience: Duration,
}

#[derive(Clone)]
enum Engine {
    Sqlite {
        writer: Writer,
        readers: Readers,
    },
    /// The embedded engine's file, while another process has it to itself.
    Beside(Readers),
    Postgres(Postgres),
    Mysql(Mysql),
}

impl Db {
    /// Opens it. A server is not yet spoken to: [`Self::ping`] does.
    pub fn open(settings: &Settings) -> Result<Self> {
        let engine = match settings.url.split_once(':').unwrap_or((&settings.url, "")) {
            ("memory", _) => Self::embedded(&Place::Memory, settings.durability)?,
            ("sqlite", path) => Self::embedded(&Place::File(PathBuf::from(path)), settings.durability)?,
            ("postgres" | "postgresql", _) => {
                Engine::Postgres(Postgres::open(&settings.url, settings.connections)?)
            }
            ("mysql" | "mariadb", rest) => {
                Engine::Mysql(Mysql::open(&format!("mysql:{rest}"), settings.connections)?)
            }
            (scheme, _) => return Err(Error::Other(format!("there is no database of the kind {scheme:?}"))),
        };
        Ok(Self { engine, line: Line::default(), patience: settings.patience })
    }

    /// Opens it for reading alone, beside whoever has it to itself.
    pub fn open_beside(settings: &Settings) -> Result<Self> {
        let Some(file) = settings.file() else { return Self::open(settings) };
        let readers = Readers::beside(&Place::Beside(file.to_owned()));
        Ok(Self { engine: Engine::Beside(readers), line: Line::default(), patience: settings.patience })
    }

    fn embedded(place: &Place, durability: Durability) -> Result<Engine> {
        let mut connection = sqlite::connect(place, durability)?;
        sqlite::checked(&connection, place, durability)?;
        let copier = match place {
            Place::File(_) => Some(Copier::start(sqlite::connect(place, durability)?)?),
            Place::Memory | Place::Beside(_) => None,
        };
        let log = Log::new(&mut connection, copier)?;
        let connection = Arc::new(Mutex::new(connection));
        let readers = Readers::new(place, connection.clone(), &log);
        Ok(Engine::Sqlite { writer: Writer::start(connection, log)?, readers })
    }

    /// All rows of a short query: bounded, and served by an index.
    pub async fn all<T: FromRow>(&self, sql: Sql) -> Result<Vec<T>> {
        match &self.engine {
            Engine::Sqlite { readers, .. } | Engine::Beside(readers) => readers.short(&sql),
            Engine::Postgres(postgres) => timeout(self.patience, postgres.all(&sql)).await.map_err(silent)?,
            Engine::Mysql(mysql) => timeout(self.patience, mysql.all(sql)).await.map_err(silent)?,
        }
    }

    /// The first row of a short query.
    pub async fn first<T: FromRow>(&self, sql: Sql) -> Result<Option<T>> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// All rows of a query that may be long: search, export, aggregates. Cut off after a second on the embedded engine.
    pub async fn scan<T: FromRow>(&self, sql: Sql) -> Result<Vec<T>> {
        match &self.engine {
            Engine::Sqlite { readers, .. } | Engine::Beside(readers) => readers.long(sql).await,
            Engine::Postgres(_) | Engine::Mysql(_) => self.all(sql).await,
        }
    }

    /// Runs the batch as one transaction, durable when this returns. Once begun it runs to its end, also when nobody
    /// waits for it any more.
    pub async fn write(&self, batch: Batch) -> Result<()> {
        let Batch { steps, own, companions } = batch;
        if steps.len() > LARGEST {
            return Err(Error::Other(format!("a batch of {} statements must be split", steps.len())));
        }
        if let Engine::Sqlite { writer, .. } = &self.engine {
            let (reply, answer) = oneshot::channel();
            writer.hand(Job::Batch { steps, own, companions, reply }).await?;
            return answer.await.map_err(|_| Error::Unknown("the writer gave no answer".into()))?;
        }
        let (engine, line, patience) = (self.engine.clone(), self.line.clone(), self.patience);
        let write = tokio::spawn(async move {
            let written = engine.write(&line, Arc::new(steps), own, patience).await;
            written.inspect(|()| companions.committed())
        });
        // It goes on behind our back, and may still happen.
        let written =
            timeout(patience, write).await.map_err(|_| Error::Unknown("it takes too long".into()))?;
        written.map_err(|e| Error::Other(e.to_string()))?
    }

    /// Reads, decides and writes in one transaction. The closure is called in `store.rs` alone, does nothing but what
    /// its [`Tx`] offers, and may be called again when another transaction was in its way.
    pub async fn tx<T, E, F>(&self, act: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
    {
        if let Engine::Sqlite { writer, .. } = &self.engine {
            let (reply, answer) = oneshot::channel();
            writer.hand(Job::Act(Box::new(move |connection| inside(connection, &act, reply)))).await?;
            return answer.await.map_err(|_| Error::Unknown("the writer gave no answer".into()))?;
        }
        let engine = self.engine.clone();
        let work = tokio::spawn(async move {
            let mut attempt = 0;
            loop {
                let (result, contended) = match &engine {
                    Engine::Postgres(postgres) => postgres.tx(&act).await,
                    Engine::Mysql(mysql) => mysql.tx(&act).await,
                    Engine::Sqlite { .. } | Engine::Beside(_) => (Err(beside().into()), false),
                };
                attempt += 1;
                if !contended || attempt == TRIES {
                    return result;
                }
                pause(attempt).await;
            }
        });
        work.await.map_err(|e| Error::Other(e.to_string()))?
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        self.all::<i64>(crate::sql!("select 1")).await.map(drop)
    }

    /// Whether the engine understands this text: for the test that shows it every statement of the house.
    #[doc(hidden)]
    pub async fn prepares(&self, text: &str) -> Result<()> {
        match &self.engine {
            Engine::Sqlite { readers, .. } | Engine::Beside(readers) => readers.prepares(text),
            Engine::Postgres(postgres) => postgres.prepares(text).await,
            Engine::Mysql(mysql) => mysql.prepares(text).await,
        }
    }

    /// Waits until this is the last handle: writes that nobody waits for any more come to their end, and whoever asked
    /// for them lets go. Not for long: somebody may keep one for good.
    pub async fn settle(&self) {
        let Engine::Sqlite { writer, .. } = &self.engine else { return };
        for _ in 0..LETTING_GO.as_millis() {
            if writer.is_last() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Empties what is kept in memory to disk and closes; the last handle's call waits for it.
    pub async fn close(self) {
        match self.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.join();
            }
            Engine::Beside(readers) => readers.close().await,
            Engine::Postgres(postgres) => postgres.close(),
            Engine::Mysql(mysql) => mysql.close().await,
        }
    }

    /// Whether processes that share this database can wake each other by it.
    pub const fn can_ring(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Rings on this channel for everybody who hears, where the engine can.
    pub async fn ring(&self, channel: &'static str) -> Result<()> {
        match &self.engine {
            Engine::Postgres(postgres) => {
                let ring = crate::sql!("select cast(pg_notify(?, '') as text)", channel);
                timeout(self.patience, postgres.all::<Option<String>>(&ring)).await.map_err(silent)?.map(drop)
            }
            Engine::Sqlite { .. } | Engine::Beside(_) | Engine::Mysql(_) => Ok(()),
        }
    }

    /// Hears what is rung on this channel until the connection ends that it hears by; never, where the engine cannot ring.
    pub async fn hear(&self, channel: &'static str, heard: impl FnMut()) -> Result<()> {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.hear(channel, heard).await,
            Engine::Sqlite { .. } | Engine::Beside(_) | Engine::Mysql(_) => std::future::pending().await,
        }
    }

    /// Whether one process alone uses this database, so that what an earlier process held is free.
    pub const fn is_sole(&self) -> bool {
        matches!(self.engine, Engine::Sqlite { .. } | Engine::Beside(_))
    }

    /// Whether rows get their automatic number in the order of commits. Elsewhere it is handed out before the commit,
    /// and a reader that remembers the last number it saw would pass over rows that commit late.
    pub const fn numbers_in_commit_order(&self) -> bool {
        matches!(self.engine, Engine::Sqlite { .. } | Engine::Beside(_))
    }

    pub(crate) const fn dialect(&self) -> dialect::Engine {
        match self.engine {
            Engine::Sqlite { .. } | Engine::Beside(_) => dialect::Engine::Sqlite,
            Engine::Postgres(_) => dialect::Engine::Postgres,
            Engine::Mysql(_) => dialect::Engine::Mysql,
        }
    }
}

impl Engine {
    /// Writes on a server: by itself, or with others that wait as well.
    async fn write(&self, line: &Line, steps: Arc<Vec<Step>>, own: usize, patience: Duration) -> Result<()> {
        let _place = match line.enter(&steps, own) {
            Way::Alone(place) => place,
            Way::Together(answer, server) => {
                if let Some(server) = server {
                    tokio::spawn(self.clone().serve(server, patience));
                }
                match answer.await {
                    Ok(Some(result)) => return result,
                    Ok(None) => line.alone(),
                    Err(_) => return Err(Error::Unknown("the server's writer has ended".into())),
                }
            }
        };
        let mut attempt = 0;
        loop {
            let result = match self {
                Self::Postgres(postgres) => postgres.write(&steps, own).await,
                Self::Mysql(mysql) => mysql.write(steps.to_vec(), own).await,
                Self::Sqlite { .. } | Self::Beside(_) => Err(beside()),
            };
            attempt += 1;
            if !matches!(result, Err(Error::Contended(_))) || attempt == TRIES {
                return result;
            }
            pause(attempt).await;
        }
    }

    /// Writes what waits, until nothing does.
    async fn serve(self, mut server: Server, patience: Duration) {
        while let Some(jobs) = server.next() {
            let (engine, works) = (self.clone(), jobs.iter().map(Small::work).collect());
            let write = tokio::spawn(async move { engine.write_together(works).await });
            // One that hangs goes on behind our back, and others go before it.
            let written = match timeout(patience, write).await {
                Ok(Ok(written)) => written,
                Ok(Err(error)) => Err(Error::Unknown(error.to_string())),
                Err(_) => Err(Error::Unknown("it takes too long".into())),
            };
            for job in jobs {
                job.answer(&written);
            }
        }
    }

    async fn write_together(&self, works: Vec<Work>) -> Result<()> {
        match self {
            Self::Postgres(postgres) => postgres.write_together(&works).await,
            Self::Mysql(mysql) => mysql.write_together(&works).await,
            Self::Sqlite { .. } | Self::Beside(_) => Err(beside()),
        }
    }
}

/// Runs a transaction's closure on the writer's thread. It never waits for anything but the database, which answers
/// at once there, and so it is ready when it is polled the first time.
fn inside<T, E, F>(
    connection: Result<&mut rusqlite::Connection>,
    act: &F,
    reply: oneshot::Sender<Result<T, E>>,
) -> (Result<()>, sqlite::Answer)
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: for<'a, 't> Fn(&'a mut Tx<'t>) -> BoxFuture<'a, Result<T, E>>,
{
    let (result, failed) = match connection {
        Ok(connection) => {
            let mut tx = Tx::new(Via::Sqlite(connection));
            let done = catch_unwind(AssertUnwindSafe(|| act(&mut tx).now_or_never()));
            let refused = |why: &str| Err(Error::Other(why.to_owned()).into());
            let result = match done {
                Ok(Some(result)) => result,
                Ok(None) => refused("a transaction waited for something else"),
                Err(_) => refused("a transaction panicked"),
            };
            tx.end(result)
        }
        Err(error) => (Err(error.clone().into()), Some(error)),
    };
    let undone = || failed.unwrap_or_else(|| Error::Other("undone by its own choice".into()));
    let keep = if result.is_ok() { Ok(()) } else { Err(undone()) };
    let answer = Box::new(move |committed: Result<()>| {
        let _ = reply.send(match committed {
            Err(error) if result.is_ok() => Err(error.into()),
            _ => result,
        });
    });
    (keep, answer)
}

/// What was opened beside a running house is for reading; writes of the embedded engine are handed to its writer.
fn beside() -> Error {
    Error::Unavailable("it is in use by another Daybook, and was opened for reading".into())
}

fn silent(_: Elapsed) -> Error {
    Error::Unavailable("it gives no answer".into())
}

async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(5) * attempt * attempt).await;
}
