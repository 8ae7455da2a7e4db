//! Keys in the database.

use db::{Batch, Db, Error, FromRow, Result, Row, Rows, Step, sql};
use types::{Timestamp, UserId};

use super::{Kept, Key, Made};

/// How many old keys are deleted at once.
const SWEPT: i64 = 500;

/// The step that keeps a key.
pub fn insert(kept: &Kept) -> Step {
    let Kept { caller, key, first_id, items, at } = kept;
    let insert = sql!(
        "insert into idempotency_keys (caller_id, route, name, body_hash, first_id, items, created_at) \
         values (?, ?, ?, ?, ?, ?, ?)",
        *caller,
        key.route.as_str(),
        key.name.as_str(),
        key.body_hash.clone(),
        *first_id,
        *items,
        *at
    );
    Step::new(insert, Rows::Exactly(1))
}

/// Whether the key was there already.
pub fn is_taken(error: &Error) -> bool {
    error.is_constraint("idempotency_keys_pkey")
}

/// What the caller made with this key: for the stores of whatever is made so.
pub async fn found(db: &Db, caller: UserId, key: &Key) -> Result<Option<Made>> {
    let find = sql!(
        "select first_id, items, body_hash from idempotency_keys where caller_id = ? and route = ? and name = ?",
        caller,
        key.route.as_str(),
        key.name.as_str()
    );
    db.first(find).await
}

/// Deletes some keys that are older than this, and those of their last moment; how many were found.
pub async fn sweep(db: &Db, before: Timestamp) -> Result<usize> {
    let old = sql!(
        "select created_at from idempotency_keys where created_at < ? order by created_at limit ?",
        before,
        SWEPT
    );
    let old: Vec<i64> = db.all(old).await?;
    let Some(newest) = old.last() else { return Ok(0) };
    db.write(Batch::new().any(sql!("delete from idempotency_keys where created_at <= ?", *newest))).await?;
    Ok(old.len())
}

impl FromRow for Made {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { first_id: row.get(0)?, items: row.get(1)?, body_hash: row.get(2)? })
    }
}
