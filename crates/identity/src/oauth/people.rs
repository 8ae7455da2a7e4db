//! What the dance needs of accounts.

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::accounts::UserSignedUp;
use types::{Error, Result, Timestamp, UserId};

use super::login::Login;
use super::store::SqlLogins;
use super::texts::ACCOUNT_GONE;
use crate::accounts::noticing;
use crate::sessions::Endings;
use crate::{Account, Accounts, Happened, Identifier};

/// People, as far as signing in elsewhere is concerned.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait People: Send + Sync {
    /// The account.
    async fn find(&self, id: UserId) -> Result<Option<Account>>;
    /// The account of whoever signs in elsewhere; whoever is about to be deleted comes back. None when it was too late
    /// for that, or somebody else wrote first, and all has to be looked at again.
    async fn enter(&self, id: UserId) -> Result<Option<Account>>;
    /// Whose address it is, also when they are about to be deleted.
    async fn by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Writes a new account down that this login opens; false when somebody else came first.
    async fn sign_up(&self, newcomer: &Account, login: &Login) -> Result<bool>;
    /// Gives an account, with everything in it, to whoever proved its address by this login, which is all that opens
    /// it from then on: whoever made it is out. The account as it is then; none when somebody else wrote first.
    async fn take_over(&self, holder: &Account, login: &Login, now: Timestamp) -> Result<Option<Account>>;
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
        self.accounts.holder(&Identifier::Email(email.to_owned())).await
    }

    async fn enter(&self, id: UserId) -> Result<Option<Account>> {
        match self.accounts.let_in(id).await {
            Err(Error::NotFound(_)) => Err(Error::Forbidden(ACCOUNT_GONE)),
            entered => entered,
        }
    }

    async fn sign_up(&self, newcomer: &Account, login: &Login) -> Result<bool> {
        let along = Along::none().with(self.teller.tell(&UserSignedUp { id: newcomer.id })?);
        self.logins.welcome(newcomer, login, along).await
    }

    async fn take_over(&self, holder: &Account, login: &Login, now: Timestamp) -> Result<Option<Account>> {
        // Whoever leaves comes back first, and then all is looked at again.
        if self.enter(holder.id).await?.is_none_or(|present| present.version != holder.version) {
            return Ok(None);
        }
        let taken = Account {
            email_verified_at: Some(now),
            // Nobody proved it, and a code that is sent there would open the account again.
            phone: None,
            version: holder.version + 1,
            // The ending of its sessions raises it.
            generation: holder.generation + 1,
            ..holder.clone()
        };
        let along = telling_of_login(&self.teller, &taken)?.with(self.endings.sessions(holder, None)?);
        if !self.logins.take_over(&taken, login, now, along).await? {
            return Ok(None);
        }
        tracing::info!(
            user_id = taken.id.number(),
            "an account whose address was never proved went to whoever proved it"
        );
        Ok(Some(taken))
    }
}

/// Tells the owner, where they are reached, that a login is linked to their account.
pub fn telling_of_login(teller: &Teller, account: &Account) -> Result<Along> {
    noticing(teller, Along::none(), account, account.reached_at(), Happened::LoginLinked)
}
