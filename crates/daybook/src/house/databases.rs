//! The databases of the whole house, for commands that look after them.

use db::{Db, Hold, Settings};

use super::stores::{databases, in_use, settings};
use crate::config::{Config, without_password};
use crate::domains::{ALL, Domain};

/// A database that is set, whichever roles run where.
pub struct Database {
    /// Where it is, fit to be shown.
    pub at: String,
    /// What lives in it.
    pub domains: Vec<&'static Domain>,
    settings: Settings,
    opened: Option<(Db, Hold)>,
}

impl Database {
    /// All of the house's. Those that a running house has to itself stay closed.
    pub fn all(config: &Config) -> Result<Vec<Self>, String> {
        let open = |(url, domains): (String, _)| {
            let (at, settings) = (without_password(&url), settings(config, &url));
            let failed = |error: db::Error| format!("{at}: {error}");
            let hold = Hold::take(&settings).map_err(failed)?;
            let opened = match hold {
                Some(hold) => Some((Db::open(&settings).map_err(failed)?, hold)),
                None => None,
            };
            Ok(Self { at, domains, settings, opened })
        };
        databases(config, ALL).into_iter().map(open).collect()
    }

    /// The database, unless a running house has it to itself.
    pub fn db(&self) -> Option<&Db> {
        self.opened.as_ref().map(|(db, _)| db)
    }

    /// The database for reading, while a running house has it to itself.
    pub fn beside(&self) -> Result<Db, String> {
        Db::open_beside(&self.settings).map_err(|error| format!("{}: {error}", self.at))
    }

    /// The database, or a sentence that says who has it.
    pub fn needed(&self) -> Result<&Db, String> {
        self.db().ok_or_else(|| in_use(&self.at))
    }

    /// Closes it.
    pub async fn close(self) {
        if let Some((db, hold)) = self.opened {
            db.close().await;
            drop(hold);
        }
    }
}
