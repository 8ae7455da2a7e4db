//! Deleted tasks in the database.

use db::{Batch, Db, sized, sql};
use types::{Result, TaskId, Timestamp, UserId};

/// How many tasks are removed at once: each owner's are a statement of their own.
const PORTION: i64 = 200;

/// Deleted tasks. Cheap to clone.
#[derive(Clone)]
pub struct SqlGone {
    db: Db,
}

impl SqlGone {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Removes some of the tasks that were deleted before, those first that have been so longest; how many there were.
    pub async fn bury(&self, before: Timestamp) -> Result<usize> {
        let gone = sql!(
            "select deleted_at, owner_id, id from gone_tasks where deleted_at < ? order by deleted_at, owner_id, id limit ?",
            before,
            PORTION
        );
        let gone: Vec<(Timestamp, UserId, TaskId)> = self.db.all(gone).await?;
        if gone.is_empty() {
            return Ok(0);
        }
        let mut batch = Batch::new();
        for run in gone.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some((at, owner, _)) = run.first().copied() else { continue };
            for ids in sized(run.iter().map(|(.., id)| *id).collect()) {
                // One that was restored meanwhile, and perhaps deleted again, has another row of its own.
                let tasks = sql!(
                    "delete from tasks where owner_id = ? and gone = 1 and deleted_at = ? and id in ",
                    owner,
                    at
                );
                let tasks = tasks.within(ids.iter().copied());
                let rows = sql!(
                    "delete from gone_tasks where deleted_at = ? and owner_id = ? and id in ",
                    at,
                    owner
                );
                batch = batch.any(tasks).any(rows.within(ids));
            }
        }
        self.db.write(batch).await?;
        Ok(gone.len())
    }
}
