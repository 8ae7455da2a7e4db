//! What the dance needs of accounts.

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::accounts::UserSignedUp;
use types::{Error, Result, UserId};

use super::login::Login;
use super::store::{Displaced, SqlLogins};
use crate::sessions::Endings;
use crate::{Account, Accounts};

/// People, as far as signing in elsewhere is concerned.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait People: Send + Sync {
    /// The account.
    async fn find(&self, id: UserId) -> Result<Option<Account>>;
    /// Whose address it is.
    async fn by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Writes a new account down that this login opens, and takes the address from whoever held it without proof: their
    /// sessions end, and when nothing else names them they are deleted. False when somebody else came first.
    async fn sign_up(&self, newcomer: &Account, login: &Login, squatter: Option<Account>) -> Result<bool>;
}

/// The people of this house.
pub struct HousePeople {
    accounts: Accounts,
    logins: SqlLogins,
    endings: Endings,
    teller: Teller,
}

impl HousePeople {
    /// Over these.
    pub const fn new(accounts: Accounts, logins: SqlLogins, endings: Endings, teller: Teller) -> Self {
        Self { accounts, logins, endings, teller }
    }
}

#[async_trait]
impl People for HousePeople {
    async fn find(&self, id: UserId) -> Result<Option<Account>> {
        match self.accounts.find(id).await {
            Err(Error::NotFound(_)) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn by_email(&self, email: &str) -> Result<Option<Account>> {
        match self.logins.holder(email).await? {
            Some(id) => self.find(id).await,
            None => Ok(None),
        }
    }

    async fn sign_up(&self, newcomer: &Account, login: &Login, squatter: Option<Account>) -> Result<bool> {
        let mut displaced = None;
        if let Some(squatter) = &squatter {
            let named = squatter.phone.is_some() || squatter.username.is_some();
            let linked = !self.logins.of(squatter.id).await?.is_empty();
            let ending = self.endings.sessions(squatter, None)?;
            displaced = Some(Displaced { account: squatter, goes: !named && !linked, ending });
        }
        let along = Along::none().with(self.teller.tell(&UserSignedUp { id: newcomer.id })?);
        self.logins.welcome(newcomer, login, displaced, along).await
    }
}
