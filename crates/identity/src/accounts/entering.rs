//! Being known by a code instead of a password.

use db::Along;
use types::{Error, Result, UserId};

use super::service::TRIES;
use super::{Account, Accounts, Identifier, Known, NO_ACCOUNT, Written};
use crate::codes::WRONG_CODE;
use crate::{Happened, Reason, Target};

impl Accounts {
    /// Whether people must prove their address to sign up.
    pub fn needs_codes(&self) -> bool {
        self.means.proofs.required()
    }

    /// The account that the code opens which was sent there. Whoever is about to be deleted comes back. Nobody hears
    /// whether the code was wrong or there is no account.
    pub async fn recognise_by_code(&self, target: &Target, code: &str) -> Result<Account> {
        self.means.proofs.check(target, Reason::Login, code).await?;
        for _ in 0..TRIES {
            let known = self.store.recognise(&Identifier::from(target)).await?;
            let opened = known.filter(|known| known.opens_by(target));
            let had_password = opened.as_ref().is_some_and(|known| known.password_hash.is_some());
            let account = match opened {
                Some(known) => self.enter(known).await?,
                None => None,
            };
            let account = account.ok_or_else(|| Error::invalid("code", WRONG_CODE))?;
            if account.has_proved(target) {
                return Ok(account);
            }
            let what = had_password.then_some(Happened::Claimed);
            if let Some(claimed) = self.claim(&account, target, None, what).await? {
                return Ok(claimed);
            }
        }
        Err(Error::Stale)
    }

    /// Gives an account that nobody proved anything to, with everything in it, to whoever proved its address: whoever
    /// made it is out, with their password, their sessions and what else they sign in with. The account as it is then;
    /// none when somebody else wrote first.
    pub(super) async fn claim(
        &self,
        account: &Account,
        target: &Target,
        hash: Option<String>,
        what: Option<Happened>,
    ) -> Result<Option<Account>> {
        let now = self.means.clock.now();
        let proved = account.with_proved(target, now);
        // The ending of its sessions raises it.
        let claimed = Account { generation: account.generation + 1, ..proved };
        let mut along = Along::none().with(self.means.endings.sessions(account, None)?);
        if let Some(what) = what {
            along = self.noticing(along, &claimed, Some(target.clone()), what)?;
        }
        let written = self.store.claim(&claimed, hash, now, along).await?;
        Ok((written == Written::Done).then_some(claimed))
    }

    /// The account, for whoever has shown elsewhere that it is theirs; whoever is about to be deleted comes back. None
    /// when it is too late for that, and all is removed, or when somebody else wrote first.
    pub async fn let_in(&self, id: UserId) -> Result<Option<Account>> {
        let known = self.store.know(id).await?.ok_or(Error::NotFound(NO_ACCOUNT))?;
        if self.bury_if_due(&known).await? { Ok(None) } else { self.enter(known).await }
    }

    /// The account of whoever has shown that it is theirs; whoever is about to be deleted comes back with that.
    pub(super) async fn enter(&self, known: Known) -> Result<Option<Account>> {
        match known.left_at {
            None => Ok(Some(known.account)),
            Some(left_at) => self.welcome_back(&known.account, left_at).await,
        }
    }
}
