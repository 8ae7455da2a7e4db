//! When tasks were deleted, written with their deletion: the chore that removes them looks there.

use db::Batch;
use types::{TaskId, Timestamp, UserId};

/// Notes that these tasks are deleted at this moment. A task that was brought back and is deleted again in one moment is noted
/// once.
pub fn noted(batch: Batch, owner: UserId, tasks: &[TaskId], at: Timestamp) -> Batch {
    batch.bulk_upsert(
        "insert into gone_tasks (deleted_at, owner_id, id) values",
        tasks.iter().map(|id| vec![at.into(), owner.into(), (*id).into()]).collect(),
        "on conflict (deleted_at, owner_id, id) do nothing",
    )
}
