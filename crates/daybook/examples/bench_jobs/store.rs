//! Jobs that are over, as they lie in the database after a while.

use db::{Batch, Db, Result};
use types::Timestamp;

/// Jobs of one commit.
const AT_ONCE: usize = 10_000;
/// Who goes first, and where they stand: in their turn, and done.
const NORMAL: i64 = 1;
const DONE: i64 = 2;

/// So many, older than any that are put in.
pub async fn over(db: &Db, count: usize) -> Result<()> {
    let at = Timestamp::from_micros(1_767_225_600_000_000);
    for part in 0..count.div_ceil(AT_ONCE) {
        let rows = (part * AT_ONCE..count.min((part + 1) * AT_ONCE)).map(|nth| {
            let id = i64::try_from(nth + 1).unwrap_or(i64::MAX);
            vec![
                id.into(),
                "nothing".into(),
                DONE.into(),
                NORMAL.into(),
                "{\"number\":1}".into(),
                at.into(),
                1.into(),
                25.into(),
                at.into(),
                at.into(),
                at.into(),
            ]
        });
        let head = "insert into jobs (id, kind, state, priority, payload, run_at, attempt, attempts, created_at, started_at, \
                    finished_at) values";
        db.write(Batch::new().bulk(head, rows.collect())).await?;
    }
    Ok(())
}
