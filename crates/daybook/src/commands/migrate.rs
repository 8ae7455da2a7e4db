//! `daybook migrate`.

use db::Verdict;
use types::{Clock, SystemClock};

use super::{block_on, say};
use crate::cli::Migrate;
use crate::config::Config;
use crate::domains::{ALL, migrations};
use crate::house::Database;

/// Brings every database of the house to this program's schema, or back, or only looks.
pub fn migrate(config: &Config, wanted: &Migrate) -> Result<(), String> {
    if let Some(engine) = &wanted.print {
        let text = db::print(&migrations(ALL), engine);
        return say(text.map_err(|error| error.to_string())?.trim_end());
    }
    block_on(async {
        let mut complaints = Vec::new();
        for database in Database::all(config)? {
            let (at, schema) = (&database.at, migrations(database.domains.iter().copied()));
            let db = database.needed()?;
            let failed = |error: db::Error| format!("{at}: {error}");
            if wanted.check {
                match db.verdict(&schema).await.map_err(failed)? {
                    Verdict::Current => say(&format!("{at}: {}", Verdict::Current))?,
                    other => complaints.push(format!("{at}: {other}")),
                }
                continue;
            }
            let (verb, steps) = match wanted.down {
                Some(steps) => ("undone", db.migrate_down(&schema, steps).await.map_err(failed)?),
                None => ("applied", db.migrate(&schema, SystemClock.now()).await.map_err(failed)?),
            };
            let what = if steps.is_empty() {
                "nothing to do".to_owned()
            } else {
                format!("{verb} {}", steps.join(", "))
            };
            say(&format!("{at}: {what}"))?;
            database.close().await;
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
    })
}
