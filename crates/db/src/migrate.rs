//! The schema, in numbered steps that never change once they are released.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use types::Timestamp;

use crate::dialect::{Engine, statements};
use crate::mysql::Mysql;
use crate::postgres::Postgres;
use crate::{Db, Error, Result, Tx, sql};

/// A step of a domain's schema and the way back.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Whose.
    pub domain: &'static str,
    /// Which, from 1.
    pub number: i64,
    /// Its file's name.
    pub name: &'static str,
    /// The way there.
    pub up: Script,
    /// The way back.
    pub down: &'static str,
}

/// A migration's text, and its sibling where one text cannot be.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// For every engine, or for the embedded one alone when servers have a text of their own.
    pub any: &'static str,
    /// `NAME.servers.sql`.
    pub servers: Option<&'static str>,
}

/// `migration!("tasks", 1, "0001_tasks")`: the files `migrations/0001_tasks.sql` and `.down.sql` of this crate.
/// `migration!("stream", 1, "0001_facts", with servers)` also takes `0001_facts.servers.sql`.
#[macro_export]
macro_rules! migration {
    ($domain:literal, $number:literal, $name:literal) => {
        $crate::migration!(@ $domain, $number, $name, None)
    };
    ($domain:literal, $number:literal, $name:literal, with servers) => {
        $crate::migration!(@ $domain, $number, $name, Some($crate::migration!(# $name, ".servers.sql")))
    };
    (@ $domain:literal, $number:literal, $name:literal, $servers:expr) => {
        $crate::Migration {
            domain: $domain,
            number: $number,
            name: $name,
            up: $crate::Script { any: $crate::migration!(# $name, ".sql"), servers: $servers },
            down: $crate::migration!(# $name, ".down.sql"),
        }
    };
    (# $name:literal, $end:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, $end))
    };
}

impl Migration {
    const fn text(&self, engine: Engine) -> &'static str {
        match (engine, self.up.servers) {
            (Engine::Postgres | Engine::Mysql, Some(text)) => text,
            _ => self.up.any,
        }
    }

    fn checksum(&self, engine: Engine) -> String {
        let mut out = String::new();
        for byte in Sha256::digest(self.text(engine)).iter().take(16) {
            let _ = write!(out, "{byte:02x}");
        }
        out
    }
}

/// How a database's schema stands beside the program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are the same.
    Current,
    /// These steps are missing, as `domain/name`.
    Behind(Vec<String>),
    /// The database knows these steps and the program does not: a newer program made it.
    Ahead(Vec<String>),
    /// These steps were changed after they were applied.
    Changed(Vec<String>),
}

const APPLIED: &str = "create table if not exists schema_migrations (domain varchar(40) not null, number bigint not null, \
    name varchar(100) not null, checksum varchar(64) not null, applied_at bigint not null, \
    constraint schema_migrations_pkey primary key (domain, number));";

type Applied = (String, i64, String, String);

impl Db {
    /// How the schema stands. A database that was never migrated is behind by everything.
    pub async fn verdict(&self, all: &[Migration]) -> Result<Verdict> {
        self.ping().await?;
        let known =
            sql!("select domain, number, name, checksum from schema_migrations order by domain, number");
        // The table itself may be missing, which no engine tells apart from other mistakes in the same way.
        let applied = match self.all::<Applied>(known).await {
            Ok(applied) => applied,
            Err(Error::Other(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(compare(all, &applied, self.dialect()))
    }

    /// Applies what is missing; the names of what was applied.
    pub async fn migrate(&self, all: &[Migration], now: Timestamp) -> Result<Vec<String>> {
        let (engine, all) = (self.dialect(), Arc::<[Migration]>::from(all));
        self.locked(move |tx| {
            let all = all.clone();
            async move {
                for text in statements(APPLIED, engine) {
                    tx.change(&text).await?;
                }
                let applied = applied(tx).await?;
                let missing = match compare(&all, &applied, engine) {
                    Verdict::Current => return Ok(Vec::new()),
                    Verdict::Behind(missing) => missing,
                    refused => return Err(Error::Other(refused.to_string())),
                };
                for step in all.iter().filter(|m| missing.contains(&label(m))) {
                    apply(tx, step, engine, now).await?;
                }
                Ok(missing)
            }
            .boxed()
        })
        .await
    }

    /// Goes back so many steps, the last applied first; the names of what was undone.
    pub async fn migrate_down(&self, all: &[Migration], steps: usize) -> Result<Vec<String>> {
        let (engine, all) = (self.dialect(), Arc::<[Migration]>::from(all));
        self.locked(move |tx| {
            let all = all.clone();
            async move {
                let applied = applied(tx).await?;
                let last = all
                    .iter()
                    .rev()
                    .filter(|m| applied.iter().any(|a| (a.0.as_str(), a.1) == (m.domain, m.number)));
                let mut undone = Vec::new();
                for step in last.take(steps) {
                    for text in statements(step.down, engine) {
                        tx.change(&text).await?;
                    }
                    let forget = sql!(
                        "delete from schema_migrations where domain = ? and number = ?",
                        step.domain,
                        step.number
                    );
                    tx.run(forget).await?;
                    undone.push(label(step));
                }
                Ok(undone)
            }
            .boxed()
        })
        .await
    }

    /// In one transaction where the engine's schema changes can be, with no other program migrating meanwhile.
    async fn locked<T: Send + 'static>(
        &self,
        act: impl for<'a> Fn(&'a mut Tx<'_>) -> futures_util::future::BoxFuture<'a, Result<T>>
        + Send
        + Sync
        + 'static,
    ) -> Result<T> {
        let engine = self.dialect();
        let act = Arc::new(act);
        self.tx(move |tx| {
            let act = act.clone();
            async move {
                match engine {
                    Engine::Sqlite => act(tx).await,
                    Engine::Postgres => {
                        Postgres::lock(tx).await?;
                        act(tx).await
                    }
                    Engine::Mysql => {
                        Mysql::lock(tx).await?;
                        let result = act(tx).await;
                        Mysql::unlock(tx).await?;
                        result
                    }
                }
            }
            .boxed()
        })
        .await
    }
}

/// The whole schema as text, for whoever wants to see it or to run it by hand.
pub fn print(all: &[Migration], engine: &str) -> Result<String> {
    let engine = match engine {
        "sqlite" => Engine::Sqlite,
        "postgres" => Engine::Postgres,
        "mysql" | "mariadb" => Engine::Mysql,
        _ => {
            return Err(Error::Other(format!(
                "there is no engine {engine:?}; write sqlite, postgres or mysql"
            )));
        }
    };
    let mut out = String::new();
    for migration in all {
        let _ = writeln!(out, "-- {}", label(migration));
        for text in statements(migration.text(engine), engine) {
            let _ = writeln!(out, "{text};");
        }
    }
    Ok(out)
}

async fn applied(tx: &mut Tx<'_>) -> Result<Vec<Applied>> {
    tx.all(sql!("select domain, number, name, checksum from schema_migrations order by domain, number")).await
}

async fn apply(tx: &mut Tx<'_>, step: &Migration, engine: Engine, now: Timestamp) -> Result<()> {
    for text in statements(step.text(engine), engine) {
        let in_step = |e| Error::Other(format!("migration {}: {e}", label(step)));
        tx.change(&text).await.map_err(in_step)?;
    }
    let done = sql!(
        "insert into schema_migrations (domain, number, name, checksum, applied_at) values (?, ?, ?, ?, ?)",
        step.domain,
        step.number,
        step.name,
        step.checksum(engine),
        now
    );
    tx.run(done).await.map(drop)
}

fn compare(all: &[Migration], applied: &[Applied], engine: Engine) -> Verdict {
    let find = |m: &&Migration| applied.iter().find(|a| (a.0.as_str(), a.1) == (m.domain, m.number));
    let strange = |a: &&Applied| !all.iter().any(|m| (a.0.as_str(), a.1) == (m.domain, m.number));
    let ahead: Vec<String> = applied.iter().filter(strange).map(|a| format!("{}/{}", a.0, a.2)).collect();
    let changed: Vec<String> =
        all.iter().filter(|m| find(m).is_some_and(|a| a.3 != m.checksum(engine))).map(label).collect();
    let behind: Vec<String> = all.iter().filter(|m| find(m).is_none()).map(label).collect();
    if !ahead.is_empty() {
        Verdict::Ahead(ahead)
    } else if !changed.is_empty() {
        Verdict::Changed(changed)
    } else if !behind.is_empty() {
        Verdict::Behind(behind)
    } else {
        Verdict::Current
    }
}

fn label(migration: &Migration) -> String {
    format!("{}/{}", migration.domain, migration.name)
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Current => write!(f, "the schema is current"),
            Self::Behind(steps) => write!(f, "the schema lacks {}: run `daybook migrate`", steps.join(", ")),
            Self::Ahead(steps) => {
                write!(
                    f,
                    "the schema was made by a newer Daybook (it knows {}): start that one",
                    steps.join(", ")
                )
            }
            Self::Changed(steps) => {
                write!(
                    f,
                    "{} changed after it was applied: this program and this database do not fit",
                    steps.join(", ")
                )
            }
        }
    }
}
