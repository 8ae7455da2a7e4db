//! What follows from accounts that are gone: the clock puts nothing in for them any more, and none of their jobs stays.

use std::sync::Arc;
use std::time::Duration;

use stream::{Consumer, each};
use tokio::time::sleep;
use types::facts::accounts::UserDeleted;
use types::{Error, Result, UserId};

use crate::store::SqlJobs;

/// Jobs removed in one transaction: each may have a report of many parts.
const PORTION: i64 = 20;
/// Between two portions: nobody waits for this.
const REST: Duration = Duration::from_millis(20);
/// How often a portion is tried that workers were in the way of, before it is put off.
const TRIES: usize = 20;

/// Takes everything away from people whose accounts are gone.
pub fn leavers(store: SqlJobs) -> Arc<dyn Consumer> {
    each("jobs.leavers", move |UserDeleted { id }| forget(store.clone(), id))
}

async fn forget(store: SqlJobs, user: UserId) -> Result<()> {
    // First, for otherwise there would be more of what comes next.
    store.forget_settings(user).await?;
    let mut tries = 0;
    loop {
        let some = store.some_of(user, PORTION).await?;
        if some.is_empty() {
            return Ok(());
        }
        tries = if store.forget(&some).await? { 0 } else { tries + 1 };
        if tries == TRIES {
            return Err(Error::Stale);
        }
        sleep(REST).await;
    }
}
