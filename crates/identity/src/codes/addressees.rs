//! Who has an account, as far as codes have to know.

use async_trait::async_trait;
use types::{Language, Result};

use crate::{AccountStore, Identifier, SqlAccounts, Target};

/// Knows who has an account.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Addressees: Send + Sync {
    /// What the owner of this address or number reads, if it has an account.
    async fn language_of(&self, target: &Target) -> Result<Option<Language>>;
}

#[async_trait]
impl Addressees for SqlAccounts {
    async fn language_of(&self, target: &Target) -> Result<Option<Language>> {
        let found = self.recognise(&Identifier::from(target)).await?;
        Ok(found.map(|known| known.account.language))
    }
}
