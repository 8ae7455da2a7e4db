//! Going away for good, with time to think better of it.

use std::time::Duration;

use db::Along;
use types::facts::accounts::UserDeleted;
use types::{Caller, Expected, Result, Timestamp, UserId};

use super::{Account, Accounts, Identifier, Known, Written};
use crate::Happened;

/// How long whoever left can come back by signing in.
pub const GRACE: Duration = Duration::from_hours(30 * 24);
/// How many are removed in one go.
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

    /// Removes some of the accounts whose days of grace are over; how many.
    pub async fn bury(&self, now: Timestamp) -> Result<usize> {
        let (moment, mut buried) = (now.minus(GRACE), 0);
        for id in self.store.left_before(moment, TOGETHER).await? {
            // Another process may have done it meanwhile.
            buried += usize::from(self.bury_one(id, moment).await?);
        }
        Ok(buried)
    }

    /// Who has this address, number or name. Whoever was too late to come back has it no more, and is removed with that:
    /// nobody waits for the chore.
    pub async fn holder(&self, identifier: &Identifier) -> Result<Option<Account>> {
        let Some(known) = self.store.recognise(identifier).await? else { return Ok(None) };
        let buried = self.bury_if_due(&known).await?;
        Ok((!buried).then_some(known.account))
    }

    /// Removes an account whose days of grace are over; whether it was one.
    pub(super) async fn bury_if_due(&self, known: &Known) -> Result<bool> {
        let now = self.means.clock.now();
        match known.left_at {
            // To the very moment from which nobody comes back.
            Some(left_at) if now >= left_at.plus(GRACE) => {
                self.bury_one(known.account.id, left_at.plus(Duration::from_micros(1))).await
            }
            _ => Ok(false),
        }
    }

    async fn bury_one(&self, id: UserId, left_before: Timestamp) -> Result<bool> {
        let along = self.telling(&UserDeleted { id })?;
        self.store.bury(id, left_before, along).await
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
