//! Whose an address is, as far as codes have to know.

use async_trait::async_trait;
use types::{Language, Result};

use crate::{AccountStore, Identifier, SqlAccounts, Target};

/// Somebody with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// What they read.
    pub language: Language,
    /// Whether whoever reads what is sent there may have the account.
    pub opens: bool,
    /// Whether its deletion has begun.
    pub leaves: bool,
}

/// Knows who has an account.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Addressees: Send + Sync {
    /// The owner of this address or number.
    async fn owner(&self, target: &Target) -> Result<Option<Owner>>;
}

#[async_trait]
impl Addressees for SqlAccounts {
    async fn owner(&self, target: &Target) -> Result<Option<Owner>> {
        let found = self.recognise(&Identifier::from(target)).await?;
        Ok(found.map(|known| Owner {
            language: known.account.language,
            opens: known.opens_by(target),
            leaves: known.left_at.is_some(),
        }))
    }
}
