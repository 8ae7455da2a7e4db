//! What a house stands on: a database of its own, and data folders.

use daybook::config::{Config, Sources};
use daybook::domains::{ALL, migrations};
use tempfile::TempDir;
use testkit::{Engine, TestDb};
use types::Timestamp;

/// A database that nobody else uses, and a folder for as many data folders as there are processes.
pub struct Ground {
    url: String,
    folder: TempDir,
}

impl Ground {
    /// On this engine, with the schema of the house where that is not made at start.
    pub async fn new(engine: Engine) -> Self {
        let url = match engine {
            Engine::Embedded => String::new(),
            Engine::Memory => "memory".to_owned(),
            Engine::Postgres | Engine::Mariadb => {
                let TestDb { db, url, .. } = TestDb::empty(engine).await;
                db.migrate(&migrations(ALL), Timestamp::default()).await.unwrap();
                db.close().await;
                url
            }
        };
        Self { url, folder: tempfile::tempdir().unwrap() }
    }

    /// Settings for one process: any free ports, passwords that cost nothing, a data folder that no other has.
    pub fn config(&self, more: &[(&str, &str)]) -> Config {
        let data = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let usual = [
            ("DAYBOOK_LISTEN", "127.0.0.1:0"),
            ("DAYBOOK_SYSTEM_LISTEN", "127.0.0.1:0"),
            ("DAYBOOK_DATA_DIR", data.to_str().unwrap()),
            ("DAYBOOK_DATABASE_URL", &self.url),
            ("DAYBOOK_DATABASE_CONNECTIONS", "6"),
            ("DAYBOOK_PASSWORDS_MEMORY", "8KiB"),
            ("DAYBOOK_PASSWORDS_PASSES", "1"),
            // All tests are one address, and their clocks stand still.
            ("DAYBOOK_RATES_ENABLED", "no"),
        ];
        let env = usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let sources = Sources { file: None, dir: data.clone(), env: env.collect() };
        Config::load(sources).unwrap_or_else(|errors| panic!("{errors}"))
    }
}
