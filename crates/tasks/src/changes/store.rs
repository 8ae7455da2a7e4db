//! When tasks last changed, in the database.

use db::{Along, Batch, Db, FromRow, Row, Sql, sized, sql};
use types::{Result, TaskId, Timestamp, UserId};

use super::{Changed, Since};

/// Rows of one transaction.
const TOGETHER: usize = 800;
/// Deletions that are forgotten at once.
const FORGOTTEN: i64 = 100;

/// The table `task_changes`. Cheap to clone.
#[derive(Clone)]
pub struct SqlChanges {
    db: Db,
}

/// How far the table has come, and where what it knows of deletions begins.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Everything up to this number is there.
    pub head: i64,
    /// Deletions up to this number may have been forgotten.
    pub horizon: i64,
}

impl SqlChanges {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Writes these changes down, of which `head` is the newest, and forgets deletions from before `forget`. What is
    /// too much for one transaction is not seen by readers before the last one moves the head.
    pub async fn follow(
        &self,
        changes: Vec<Changed>,
        head: i64,
        forget: Timestamp,
        along: Along,
    ) -> Result<()> {
        let mut parts: Vec<Vec<Changed>> = changes.chunks(TOGETHER).map(<[Changed]>::to_vec).collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            self.db.write(written(part)).await?;
        }
        let old = sql!(
            "select owner_id, id, number from task_changes where gone_at < ? order by gone_at limit ?",
            forget,
            FORGOTTEN
        );
        let old: Vec<Old> = self.db.all(old).await?;
        let mut batch = written(last);
        for Old { owner, id, number } in &old {
            batch = batch.any(sql!(
                "delete from task_changes where owner_id = ? and id = ? and number = ?",
                *owner,
                *id,
                *number
            ));
        }
        if let Some(horizon) = old.iter().map(|old| old.number).max() {
            batch = batch.any(sql!(
                "update task_changes_marks set number = ? where name = 'horizon' and number < ?",
                horizon,
                horizon
            ));
        }
        let batch = batch.any(sql!(
            "update task_changes_marks set number = ? where name = 'head' and number < ?",
            head,
            head
        ));
        Ok(self.db.write(batch.along(along)).await?)
    }

    /// What can be answered.
    pub async fn bounds(&self) -> Result<Bounds> {
        let marks: Vec<i64> =
            self.db.all(sql!("select number from task_changes_marks order by name")).await?;
        Ok(Bounds { head: marks.first().copied().unwrap_or(0), horizon: marks.get(1).copied().unwrap_or(0) })
    }

    /// What changed after this and up to the head, as places, in order.
    pub async fn after(&self, owner: UserId, since: Since, head: i64, limit: i64) -> Result<Vec<Since>> {
        let after = sql!(
            "select number, id from task_changes \
             where owner_id = ? and number >= ? and number <= ? and (number > ? or id > ?) order by number, id limit ?",
            owner,
            since.number,
            head,
            since.number,
            since.id,
            limit
        );
        Ok(self.db.all(after).await?)
    }
}

fn written(changes: Vec<Changed>) -> Batch {
    let parts = sized(changes).filter_map(|part| part.split_first().map(|(first, rest)| upsert(first, rest)));
    parts.fold(Batch::new(), Batch::any)
}

/// A change that is older than what is there is passed over: two processes may be at it. The number goes last: one
/// engine sets one after the other, and compares with what it has set.
fn upsert(first: &Changed, rest: &[Changed]) -> Sql {
    let mut sql = sql!(
        "insert into task_changes (owner_id, id, number, gone_at) values (?, ?, ?, ?)",
        first.owner,
        first.id,
        first.number,
        first.gone_at
    );
    for change in rest {
        sql = sql
            .push(", (?, ?, ?, ?)")
            .bind(change.owner)
            .bind(change.id)
            .bind(change.number)
            .bind(change.gone_at);
    }
    sql.push(
        " on conflict (owner_id, id) do update set gone_at = case when excluded.number > task_changes.number \
         then excluded.gone_at else task_changes.gone_at end, number = case when excluded.number > task_changes.number \
         then excluded.number else task_changes.number end",
    )
}

struct Old {
    owner: UserId,
    id: TaskId,
    number: i64,
}

impl FromRow for Old {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { owner: row.get(0)?, id: row.get(1)?, number: row.get(2)? })
    }
}

impl FromRow for Since {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { first: false, number: row.get(0)?, id: row.get(1)? })
    }
}
