//! Passwords of accounts: changed by who knows the old one, or has the address.

use db::Along;
use types::check::Checks;
use types::{Caller, Error, Result, Timestamp, UserId};

use super::texts::{NO_ACCOUNT, WRONG_PASSWORD};
use super::{Account, Accounts, Demand, Identifier, Known};
use crate::passwords::Likeness;
use crate::policy::FORBIDDEN;
use crate::{Asking, Happened, Reason, Target};

/// A password for another one.
pub struct NewPassword<'a> {
    /// The one so far.
    pub old: &'a str,
    /// The one from now on.
    pub new: &'a str,
    /// How much is asked of it.
    pub demand: Demand,
}

impl Accounts {
    /// Gives the caller another password. All their other sessions end.
    pub async fn change_password(
        &self,
        caller: &Caller,
        user: UserId,
        passwords: NewPassword<'_>,
        address: &str,
    ) -> Result<()> {
        if user != caller.user {
            return Err(Error::Forbidden(FORBIDDEN));
        }
        let NewPassword { old, new, demand } = passwords;
        let account = self.confirmed(caller, "old_password", old, address).await?;
        let own = [account.email.as_deref(), account.phone.as_deref(), account.username.as_deref()];
        let mut checks = Checks::default();
        checks.take(self.means.rule.check("new_password", new, demand, &own));
        checks.done()?;
        let hash = self.means.passwords.hash(new, address).await?;

        let along = Along::none().with(self.means.endings.sessions(&account, Some(caller.session))?);
        let along = self.noticing(along, &account, account.reached_at(), Happened::PasswordChanged)?;
        self.store.set_password(&account.next(), &hash, self.means.clock.now(), along).await?.done()
    }

    /// Sends a code by which a forgotten password can be replaced; until when it is good. The same is done and answered
    /// for an address that has no account.
    pub async fn ask_reset(&self, target: &Target, asking: &Asking) -> Result<Timestamp> {
        let known = self.store.recognise(&Identifier::from(target)).await?;
        let really = known.is_some_and(|known| known.resets_by(target));
        self.means.proofs.send(target, Reason::Reset, asking, really).await
    }

    /// Replaces a forgotten password, or gives one to an account that has none. All its sessions end.
    pub async fn reset(&self, target: &Target, code: &str, password: &str, address: &str) -> Result<()> {
        let mut checks = Checks::default();
        checks.take(self.means.rule.check("new_password", password, Demand::Length, &[]));
        checks.done()?;
        // Before the code is looked at: it is good once, and must not be lost to a queue that is full.
        let hash = self.means.passwords.hash(password, address).await?;
        self.means.proofs.check(target, Reason::Reset, code).await?;

        let known = self.store.recognise(&Identifier::from(target)).await?;
        let known = known.filter(|known| known.resets_by(target)).ok_or(Error::Stale)?;
        let (account, now) = (known.account, self.means.clock.now());
        let what = Happened::PasswordChanged;
        if !account.has_proved(target) {
            let claimed = self.claim(&account, target, Some(hash), Some(what)).await?;
            return claimed.map(drop).ok_or(Error::Stale);
        }
        let along = Along::none().with(self.means.endings.sessions(&account, None)?);
        let along = self.noticing(along, &account, Some(target.clone()), what)?;
        self.store.set_password(&account.next(), &hash, now, along).await?.done()
    }

    /// The caller's account, once they have shown that they know its password.
    pub(super) async fn confirmed(
        &self,
        caller: &Caller,
        field: &'static str,
        password: &str,
        address: &str,
    ) -> Result<Account> {
        let known = self.store.know(caller.user).await?.filter(|known| known.left_at.is_none());
        let known = known.ok_or(Error::NotFound(NO_ACCOUNT))?;
        let likeness = self.means.passwords.compare(password, known.password_hash, address).await?;
        let wrong = likeness == Likeness::Other;
        if wrong { Err(Error::invalid(field, WRONG_PASSWORD)) } else { Ok(known.account) }
    }

    /// Hashes a password anew, at what hashes cost by now. Whoever signs in need not wait for it, and if it fails, the
    /// next time will do.
    pub(super) fn strengthen(&self, id: UserId, old: String, password: &str, address: &str) {
        let (accounts, password, address) = (self.clone(), password.to_owned(), address.to_owned());
        tokio::spawn(async move {
            let rehashed = async {
                let new = accounts.means.passwords.hash(&password, &address).await?;
                accounts.store.rehash(id, &old, &new).await
            };
            if let Err(error) = rehashed.await {
                tracing::warn!(
                    user_id = id.number(),
                    error = &error as &dyn std::error::Error,
                    "a password keeps its cheaper hash until its owner signs in again"
                );
            }
        });
    }
}

impl Known {
    /// Whether whoever reads what is sent there may have this account: the address is proved, or it is not known yet
    /// whose the account is.
    pub fn opens_by(&self, target: &Target) -> bool {
        self.account.has_proved(target) || !self.account.is_somebodys()
    }

    /// Whether they may give it another password. Whoever leaves signs in first, and so comes back.
    fn resets_by(&self, target: &Target) -> bool {
        self.left_at.is_none() && self.opens_by(target)
    }
}
