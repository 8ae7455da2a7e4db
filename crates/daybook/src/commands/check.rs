//! `daybook check`.

use db::Verdict;

use super::{block_on, messages, say};
use crate::cli::Check;
use crate::config::Config;
use crate::domains::{ALL, migrations};
use crate::house::{Brokers, Database, Shared, unheard};

/// A verdict a line; the settings themselves have been read by now, and so are good.
pub fn check(config: &Config, wanted: &Check) -> Result<(), String> {
    say("settings: ok")?;
    block_on(async {
        let databases = Database::all(config)?;
        let mut complaints = unheard(config, databases.iter().map(|database| &database.domains));
        for database in databases {
            let (at, schema) = (&database.at, migrations(database.domains.iter().copied()));
            let Some(db) = database.db() else {
                // It was brought up to date when that house started.
                say(&format!("{at}: ok, in use by a running Daybook"))?;
                if wanted.messages {
                    complaints.append(&mut messages::beside(&database, wanted.deep).await?);
                }
                continue;
            };
            match db.verdict(&schema).await {
                Ok(Verdict::Current) => {
                    say(&format!("{at}: ok, {}", Verdict::Current))?;
                    if wanted.messages {
                        complaints.append(&mut messages::alone(&database, db, wanted.deep).await?);
                    }
                }
                // The embedded engine is migrated at start, and so lacks nothing.
                Ok(Verdict::Behind(_)) if db.is_sole() => {
                    say(&format!("{at}: ok, made or brought up to date at the next start"))?;
                }
                Ok(verdict) => complaints.push(format!("{at}: {verdict}")),
                Err(error) => complaints.push(format!("{at}: {error}")),
            }
            database.close().await;
        }
        if let Some(cache) = Shared::of(config).map_err(|error| error.to_string())? {
            match cache.ping().await {
                Ok(()) => say(&format!("{}: ok, it answers", cache.at))?,
                Err(error) => complaints.push(format!("{}: {error}", cache.at)),
            }
        }
        for (at, kafka) in Brokers::open(config, ALL).map_err(|error| error.to_string())?.all() {
            match kafka.ping().await {
                Ok(()) => say(&format!("{at}: ok, it answers"))?,
                Err(error) => complaints.push(format!("{at}: {error}")),
            }
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
    })
}
