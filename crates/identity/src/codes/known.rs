//! Who has an account, as far as codes have to know.

use async_trait::async_trait;
use types::{Language, Result};

use crate::{AccountStore, Identifier, SqlAccounts, Target};

/// Knows who has an account.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Known: Send + Sync {
    /// What the owner of this address or number reads, if it has an account.
    async fn language_of(&self, target: &Target) -> Result<Option<Language>>;
}

#[async_trait]
impl Known for SqlAccounts {
    async fn language_of(&self, target: &Target) -> Result<Option<Language>> {
        let identifier = match target {
            Target::Email(address) => Identifier::Email(address.clone()),
            Target::Phone(number) => Identifier::Phone(number.clone()),
        };
        let found = self.recognise(&identifier).await?;
        Ok(found.map(|(account, _)| account.language))
    }
}
