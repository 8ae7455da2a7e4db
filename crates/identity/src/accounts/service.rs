//! What people can do with their accounts.

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::accounts::UserSignedUp;
use types::{Clock, Error, Ids, Language, Result, Role, Timestamp, UserId};

use super::{Account, EMAIL_TAKEN, Identifier, NO_ACCOUNT, PasswordRule};
use crate::Passwords;

/// What a person gives to sign up. The role is the house's to give, never theirs.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their time zone; UTC when they do not say.
    pub timezone: Option<String>,
    /// What they may do.
    pub role: Role,
}

/// Where people are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Writes a new account down; false when its address has one.
    async fn insert(&self, account: &Account, password_hash: &str, along: Along) -> Result<bool>;
    /// The account.
    async fn find(&self, id: UserId) -> Result<Option<Account>>;
    /// The account that this names, and the hash of its password if it has one.
    async fn recognise(&self, identifier: &Identifier) -> Result<Option<(Account, Option<String>)>>;
    /// Writes a role down; false when the account is gone, or its tokens are of another generation by now.
    async fn set_role(&self, id: UserId, role: Role, now: Timestamp, along: Along) -> Result<bool>;
    /// Writes the hash of a password down; false when the account is gone, or its tokens are of another generation.
    async fn set_password_hash(&self, id: UserId, hash: &str, now: Timestamp, along: Along) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(super) store: Arc<dyn AccountStore>,
    pub(super) passwords: Passwords,
    pub(super) rule: PasswordRule,
    teller: Teller,
    ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
}

impl Accounts {
    /// Over this store.
    pub fn new(
        store: Arc<dyn AccountStore>,
        passwords: Passwords,
        rule: PasswordRule,
        teller: Teller,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, passwords, rule, teller, ids, clock }
    }

    /// Makes an account.
    pub async fn sign_up(&self, registration: Registration) -> Result<Account> {
        let Registration { email, password, name, timezone, role } = registration.checked(self.rule)?;
        let password_hash = self.passwords.hash(password).await?;
        let account = Account {
            id: self.ids.next()?,
            email: Some(email),
            phone: None,
            username: None,
            name: name.unwrap_or_default(),
            role,
            timezone: timezone.unwrap_or_else(|| "UTC".to_owned()),
            language: Language::default(),
            week_start: 1,
            email_verified_at: None,
            phone_verified_at: None,
            generation: 1,
            version: 1,
            created_at: self.clock.now(),
        };

        let along = Along::none().with(self.teller.tell(&UserSignedUp { id: account.id })?);
        let written = self.store.insert(&account, &password_hash, along).await?;
        if written { Ok(account) } else { Err(Error::Conflict(EMAIL_TAKEN)) }
    }

    /// The account that this identifier and password open. An unknown one takes as long as a wrong password.
    pub async fn recognise(&self, identifier: &str, password: String) -> Result<Option<Account>> {
        let found = match Identifier::parse(identifier) {
            Ok(identifier) => self.store.recognise(&identifier).await?,
            Err(_) => None,
        };
        let (account, hash) = found.unzip();
        let same = self.passwords.matches(password, hash.flatten()).await?;
        Ok(account.filter(|_| same))
    }

    /// An account.
    pub async fn find(&self, id: UserId) -> Result<Account> {
        self.store.find(id).await?.ok_or(Error::NotFound(NO_ACCOUNT))
    }
}

#[cfg(test)]
mod tests {
    use stream::Telling;
    use testkit::StillClock;

    use super::*;
    use crate::Cost;

    fn accounts(store: MockAccountStore) -> Accounts {
        let clock = Arc::new(StillClock::default());
        let ids = Ids::new(clock.clone(), 0, clock.now().plus(std::time::Duration::from_mins(1)));
        let passwords = Passwords::start(Cost { memory_kib: 8, passes: 1, lanes: 1 }, 1, 8).unwrap();
        Accounts::new(
            Arc::new(store),
            passwords,
            PasswordRule { least: 8, most: 128 },
            Teller::unheard(ids.clone(), clock.clone()),
            ids,
            clock,
        )
    }

    fn anna() -> Registration {
        Registration {
            email: "Anna@Example.org".into(),
            password: "correct horse".into(),
            ..Registration::default()
        }
    }

    #[test]
    fn a_password_is_never_kept_and_the_fact_goes_along() {
        let mut store = MockAccountStore::new();
        store.expect_insert().once().returning(|account, hash, along| {
            assert!(hash.starts_with("$argon2id$") && !hash.contains("correct horse"));
            let told: Option<UserSignedUp> = along.of::<Telling>().find_map(Telling::says);
            assert_eq!(told.map(|fact| fact.id), Some(account.id));
            Ok(true)
        });
        let account = testkit::run(async { accounts(store).sign_up(anna()).await }).unwrap();
        assert_eq!(
            (account.email.as_deref().unwrap(), account.timezone.as_str(), account.role),
            ("anna@example.org", "UTC", Role::User)
        );
    }

    #[test]
    fn a_taken_address_is_a_conflict() {
        let mut store = MockAccountStore::new();
        store.expect_insert().returning(|_, _, _| Ok(false));
        let refused = testkit::run(async { accounts(store).sign_up(anna()).await });
        assert!(matches!(refused, Err(Error::Conflict(EMAIL_TAKEN))));
    }

    #[test]
    fn nobody_is_recognised_without_an_account() {
        let mut store = MockAccountStore::new();
        store.expect_recognise().returning(|_| Ok(None));
        testkit::run(async {
            let accounts = accounts(store);
            assert_eq!(accounts.recognise("anna@example.org", "correct horse".into()).await.unwrap(), None);
            assert_eq!(accounts.recognise("no address", "correct horse".into()).await.unwrap(), None);
        });
    }
}
