//! What the house itself does about people's accounts.

use types::Result;

use super::{Account, Accounts, Identifier};

impl Accounts {
    /// The account of this name, if there is one.
    pub async fn named(&self, name: &str) -> Result<Option<Account>> {
        let Ok(identifier) = Identifier::parse(name) else { return Ok(None) };
        Ok(self.store.recognise(&identifier).await?.map(|known| known.account))
    }
}
