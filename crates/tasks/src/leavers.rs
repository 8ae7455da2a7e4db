//! What follows from accounts that are gone: nothing of theirs stays. Nobody waits for it, and they may have had a million
//! tasks, so it goes by small portions with rests between them.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use stream::{Consumer, each};
use types::facts::accounts::UserDeleted;
use types::{Result, UserId};

use crate::lists::ListStore;
use crate::service::Tasks;

/// Several times as long as a portion takes: whoever writes meanwhile has the rest of the time.
const REST: Duration = Duration::from_millis(20);

/// Takes everything away from people whose accounts are gone, with these verbs and this store.
pub fn leavers(tasks: Tasks, lists: Arc<dyn ListStore>) -> Arc<dyn Consumer> {
    each("tasks.leavers", move |UserDeleted { id }| forget(tasks.clone(), lists.clone(), id))
}

async fn forget(tasks: Tasks, lists: Arc<dyn ListStore>, user: UserId) -> Result<()> {
    let mut below = None;
    loop {
        match tasks.forget(user, below).await? {
            None => break,
            last => below = last,
        }
        tokio::time::sleep(REST).await;
    }
    while lists.forget_some(user).await? {
        tokio::time::sleep(REST).await;
    }
    Ok(())
}
