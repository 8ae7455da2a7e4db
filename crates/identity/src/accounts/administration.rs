//! What the house itself does about people's accounts, as whoever runs it asks. Nobody's role is looked at: they own
//! the machine.

use db::Along;
use types::check::Checks;
use types::{Error, Result, Role, UserId};

use super::service::TRIES;
use super::{Account, Accounts, Demand, Identifier, Written};
use crate::Happened;

/// Where these passwords are hashed for: no client waits beside them.
const HERE: &str = "";

impl Accounts {
    /// The account of this name, if there is one.
    pub async fn named(&self, name: &str) -> Result<Option<Account>> {
        let Ok(identifier) = Identifier::parse(name) else { return Ok(None) };
        Ok(self.store.recognise(&identifier).await?.map(|known| known.account))
    }

    /// Says what somebody may do. Their access tokens, which say what they might do so far, end.
    pub async fn give_role(&self, user: UserId, role: Role) -> Result<Account> {
        for _ in 0..TRIES {
            let account = self.find(user).await?;
            if account.role == role {
                return Ok(account);
            }
            let changed = Account { role, ..account.next() };
            let along = Along::none().with(self.means.endings.tokens(&account)?);
            if self.store.update(&changed, self.means.clock.now(), along).await? == Written::Done {
                return Ok(changed);
            }
        }
        Err(Error::Stale)
    }

    /// Gives somebody another password. All their sessions end.
    pub async fn give_password(&self, user: UserId, password: &str) -> Result<()> {
        let mut checks = Checks::default();
        checks.take(self.means.rule.check("password", password, Demand::Length, &[]));
        checks.done()?;
        let hash = self.means.passwords.hash(password, HERE).await?;
        for _ in 0..TRIES {
            let account = self.find(user).await?;
            let along = Along::none().with(self.means.endings.sessions(&account, None)?);
            let along = self.noticing(along, &account, account.reached_at(), Happened::PasswordChanged)?;
            let now = self.means.clock.now();
            if self.store.set_password(&account.next(), &hash, now, along).await? == Written::Done {
                return Ok(());
            }
        }
        Err(Error::Stale)
    }
}
