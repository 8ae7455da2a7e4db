//! What identity clears away by the clock. None of it is good for anything any more: whoever asks is answered the same before.

mod store;

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use jobs::{Chore, Handler};
use types::Clock;

use crate::Accounts;
use store::SqlOver;

/// How much longer than it is good anything is kept: clocks of processes differ a little.
const MARGIN: Duration = Duration::from_hours(1);
/// How much longer codes are: by then asking again too soon is not judged by them.
const LONG_OVER: Duration = Duration::from_hours(24);

/// The chores of this domain.
pub fn chores(db: &Db, accounts: &Accounts, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Handler>> {
    let over = || (SqlOver::new(db.clone()), clock.clone());
    let (sessions, endings, codes) = (over(), over(), over());
    let (accounts, now) = (accounts.clone(), clock.clone());
    vec![
        Chore::of("identity.sessions", "7 * * * *", move || {
            let (store, clock) = sessions.clone();
            async move { store.sessions(clock.now().minus(MARGIN)).await }
        }),
        Chore::of("identity.endings", "17 * * * *", move || {
            let (store, clock) = endings.clone();
            async move { store.endings(clock.now().minus(MARGIN)).await }
        }),
        Chore::of("identity.codes", "27 * * * *", move || {
            let (store, clock) = codes.clone();
            async move { store.codes(clock.now().minus(LONG_OVER)).await }
        }),
        Chore::of("identity.leavers", "37 * * * *", move || {
            let (accounts, clock) = (accounts.clone(), now.clone());
            async move { accounts.bury(clock.now()).await }
        }),
    ]
}

#[cfg(test)]
mod tests;
