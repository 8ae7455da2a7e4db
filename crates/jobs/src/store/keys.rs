//! Keys: of jobs with one only one is open in a lane.

use db::{Sql, sql};
use types::JobId;

/// Takes a key for a job, unless another has it.
pub fn take(lane: &str, key: &str, job: JobId) -> Sql {
    sql!(
        "insert into job_keys (lane, unique_key, id) values (?, ?, ?) on conflict (lane, unique_key) do nothing",
        lane,
        key,
        job
    )
}

/// Frees the key of a job, if it is its own.
pub fn free(lane: &str, key: &str, job: JobId) -> Sql {
    sql!("delete from job_keys where lane = ? and unique_key = ? and id = ?", lane, key, job)
}
