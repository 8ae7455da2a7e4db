//! Another address, or proof of the one there is.

use db::Along;
use types::{Caller, Error, Result, Timestamp};

use super::service::TRIES;
use super::texts::NOTHING_ASKED;
use super::{Account, Accounts, Identifier, Written};
use crate::{Asking, Happened, Reason, Target};

impl Accounts {
    /// Sends a code to the address that the caller wants, or has and wants to prove; until when it is good. Whether it
    /// is somebody else's is not told before it is proved.
    pub async fn ask_move(
        &self,
        caller: &Caller,
        target: Target,
        password: &str,
        asking: &Asking,
    ) -> Result<Timestamp> {
        self.confirmed(caller, "password", password, &asking.address).await?;
        let until = self.means.proofs.send(&target, Reason::Verify, asking, true).await?;
        self.store.want(caller.user, &target, self.means.clock.now()).await?;
        Ok(until)
    }

    /// Takes the code, and makes the address that was wanted the caller's. Whoever had it before without proof loses it.
    pub async fn confirm_move(&self, caller: &Caller, phone: bool, code: &str) -> Result<Account> {
        let wanted = self.store.wanted(caller.user, phone).await?;
        let target = wanted.ok_or(Error::Conflict(NOTHING_ASKED))?;
        self.means.proofs.check(&target, Reason::Verify, code).await?;

        for _ in 0..TRIES {
            let (account, now) = (self.find(caller.user).await?, self.means.clock.now());
            let moved = account.with_proved(&target, now);
            let along = self.telling_the_old(&account, &target)?;
            let taken = match self.store.move_to(&moved, &target, now, along).await? {
                Written::Done => return Ok(moved),
                Written::Stale => continue,
                Written::Taken(taken) => taken,
            };
            if taken != Identifier::from(&target) || !self.free(&target).await? {
                return Err(Error::Conflict(taken.taken()));
            }
        }
        Err(Error::Stale)
    }

    /// A notice to the address that is no longer theirs.
    fn telling_the_old(&self, account: &Account, target: &Target) -> Result<Along> {
        let (old, what) = match target {
            Target::Email(_) => (account.email.clone().map(Target::Email), Happened::EmailChanged),
            Target::Phone(_) => (account.phone.clone().map(Target::Phone), Happened::PhoneChanged),
        };
        let old = old.filter(|old| old != target);
        self.noticing(Along::none(), account, old, what)
    }
}
