//! Going away for good, with time to think better of it.

use std::time::Duration;

use db::Along;
use types::facts::accounts::UserDeleted;
use types::{Caller, Expected, Result, Timestamp};

use super::{Account, Accounts, Written};
use crate::Happened;

/// How long whoever left can come back by signing in.
pub const GRACE: Duration = Duration::from_hours(30 * 24);
/// How many are removed between two looks at who is due.
const TOGETHER: i64 = 100;

impl Accounts {
    /// Begins the deletion of the caller's account, and signs them out everywhere; when it will be done.
    pub async fn leave(
        &self,
        caller: &Caller,
        password: &str,
        address: &str,
        expected: &Expected,
    ) -> Result<Timestamp> {
        let account = self.confirmed(caller, "password", password, address).await?;
        expected.met_by(account.version)?;
        let now = self.means.clock.now();

        let along = Along::none().with(self.means.endings.sessions(&account, None)?);
        let along = self.noticing(along, &account, account.reached_at(), Happened::DeletionBegun)?;
        match self.store.leave(&account.next(), now, along).await? {
            Written::Stale => return Err(expected.missed()),
            written => written.done()?,
        }
        Ok(now.plus(GRACE))
    }

    /// Removes accounts whose days of grace are over; how many.
    pub async fn bury(&self, now: Timestamp) -> Result<usize> {
        let (moment, mut buried) = (now.minus(GRACE), 0);
        loop {
            let due = self.store.left_before(moment, TOGETHER).await?;
            for id in &due {
                let along = self.telling(&UserDeleted { id: *id })?;
                // Another process may have done it meanwhile.
                buried += usize::from(self.store.bury(*id, moment, along).await?);
            }
            if due.is_empty() {
                return Ok(buried);
            }
        }
    }

    /// The account, if whoever signs in does so within the days of grace.
    pub(super) async fn welcome_back(
        &self,
        account: &Account,
        left_at: Timestamp,
    ) -> Result<Option<Account>> {
        let now = self.means.clock.now();
        if now >= left_at.plus(GRACE) {
            return Ok(None);
        }
        let back = account.next();
        if self.store.come_back(&back, left_at, now).await? {
            return Ok(Some(back));
        }
        // Somebody signed in twice at once: the other one brought it back.
        self.store.find(account.id).await
    }
}
