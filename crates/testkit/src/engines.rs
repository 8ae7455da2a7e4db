//! Every engine, and databases on it that a test has to itself.

use db::{Batch, Db, Migration, Settings, Sql};
use types::Timestamp;

/// Where a test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded engine, in a file.
    Embedded,
    /// The embedded engine, in memory.
    Memory,
    /// The server of `DAYBOOK_TEST_POSTGRES`.
    Postgres,
    /// The server of `DAYBOOK_TEST_MARIADB`.
    Mariadb,
}

/// A database that nobody else uses.
pub struct TestDb {
    /// The handle.
    pub db: Db,
    /// How a second program would open it.
    pub url: String,
    /// Which engine it is on.
    pub engine: Engine,
    _folder: Option<tempfile::TempDir>,
}

impl TestDb {
    /// A new database with this schema.
    pub async fn new(engine: Engine, migrations: &'static [Migration]) -> Self {
        let test = Self::empty(engine).await;
        test.db.migrate(migrations, Timestamp::default()).await.expect("the schema");
        test
    }

    /// A new database with nothing in it.
    pub async fn empty(engine: Engine) -> Self {
        let folder = (engine == Engine::Embedded).then(|| tempfile::tempdir().expect("a folder"));
        let url = match (&folder, engine) {
            (Some(folder), _) => format!("sqlite:{}", folder.path().join("daybook.db").display()),
            (None, Engine::Postgres) => on_server("DAYBOOK_TEST_POSTGRES").await,
            (None, Engine::Mariadb) => on_server("DAYBOOK_TEST_MARIADB").await,
            (None, _) => "memory".into(),
        };
        let settings = Settings { connections: 8, ..Settings::new(&url) };
        Self { db: Db::open(&settings).expect("a database"), url, engine, _folder: folder }
    }

    /// A second handle, as another process would have. In memory there is no second one, and it is the same.
    pub fn reopened(&self) -> Db {
        if self.engine == Engine::Memory {
            return self.db.clone();
        }
        Db::open(&Settings { connections: 4, ..Settings::new(&self.url) }).expect("a second handle")
    }
}

#[expect(clippy::disallowed_methods, reason = "tests run side by side and must not meet")]
/// A fresh database on the server that this variable names.
async fn on_server(variable: &str) -> String {
    let server = std::env::var(variable).unwrap_or_else(|_| panic!("{variable} must name a server"));
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    let name = format!("test_{:016x}", getrandom::u64().expect("randomness"));
    let admin = Db::open(&Settings { connections: 1, ..Settings::new(&server) }).expect("the server");
    let create = Sql::new("create database ", Vec::new()).push(&name);
    admin.write(Batch::new().any(create)).await.expect("a database of its own");
    admin.close().await;
    format!("{base}/{name}")
}
