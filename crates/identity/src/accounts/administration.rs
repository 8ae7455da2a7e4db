//! What the house itself does about people's accounts.

use db::Along;
use types::check::Checks;
use types::{Error, Result, Role, UserId};

use super::{Account, Accounts, Identifier, password};

impl Accounts {
    /// The account of this name, if there is one.
    pub async fn named(&self, name: &str) -> Result<Option<Account>> {
        let Ok(identifier) = Identifier::parse(name) else { return Ok(None) };
        Ok(self.store.recognise(&identifier).await?.map(|(account, _)| account))
    }

    /// Gives a person this role, and commits what goes along.
    pub async fn set_role(&self, id: UserId, role: Role, along: Along) -> Result<()> {
        let written = self.store.set_role(id, role, self.clock.now(), along).await?;
        if written { Ok(()) } else { Err(Error::Stale) }
    }

    /// Gives a person this password, and commits what goes along.
    pub async fn set_password(&self, id: UserId, new: String, along: Along) -> Result<()> {
        let mut checks = Checks::default();
        checks.take(password(&new, self.rule));
        checks.done()?;
        let hash = self.passwords.hash(new).await?;
        let written = self.store.set_password_hash(id, &hash, self.clock.now(), along).await?;
        if written { Ok(()) } else { Err(Error::Stale) }
    }
}
