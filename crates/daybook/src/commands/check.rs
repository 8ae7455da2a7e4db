//! `daybook check`.

use db::Verdict;

use super::{block_on, say};
use crate::config::{Config, without_password};
use crate::domains::migrations;
use crate::house::Databases;

/// A verdict a line; the settings themselves have been read by now, and so are good.
pub fn check(config: &Config) -> Result<(), String> {
    say("settings: ok")?;
    block_on(async {
        let mut complaints = Vec::new();
        let databases = Databases::open(config)?;
        for (url, domains, db) in databases.iter() {
            let at = without_password(url);
            match db.verdict(&migrations(domains.iter().copied())).await {
                Ok(Verdict::Current) => say(&format!("{at}: ok, {}", Verdict::Current))?,
                // The embedded engine is migrated at start, and so lacks nothing.
                Ok(verdict @ Verdict::Behind(_)) if db.is_sole() => {
                    say(&format!("{at}: ok, made or brought up to date at the next start"))?;
                    drop(verdict);
                }
                Ok(verdict) => complaints.push(format!("{at}: {verdict}")),
                Err(error) => complaints.push(format!("{at}: {error}")),
            }
        }
        databases.close().await;
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
    })
}
