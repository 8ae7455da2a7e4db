//! What people say about themselves.

use db::Along;
use types::check::Checks;
use types::{Caller, Error, Expected, Language, Result};

use super::identifier::username;
use super::service::TRIES;
use super::{Account, Accounts, Written, rules};

/// What a person wants to be different; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What they are called.
    pub name: Option<String>,
    /// Their time zone.
    pub timezone: Option<String>,
    /// What they read.
    pub language: Option<Language>,
    /// The day their weeks start on: 1 is Monday, 7 is Sunday.
    pub week_start: Option<i64>,
    /// The name they sign in with.
    pub username: Option<String>,
    /// The version that they have seen; any when they do not say.
    pub version: Option<i64>,
    /// The versions that this is meant for.
    pub expected: Expected,
}

impl Change {
    /// The change as it will be kept, or every field that cannot be.
    fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        let checked = Self {
            name: self.name.and_then(|name| checks.take(rules::name(&name))),
            timezone: self.timezone.and_then(|zone| checks.take(rules::time_zone(&zone))),
            week_start: self.week_start.and_then(|day| checks.take(rules::week_start(day))),
            username: self.username.and_then(|name| checks.take(username("username", &name))),
            ..self
        };
        checks.done()?;
        Ok(checked)
    }

    /// The account as it will be, or `None` when nothing would be different.
    fn apply(self, account: &Account) -> Option<Account> {
        let changed = Account {
            name: self.name.unwrap_or_else(|| account.name.clone()),
            timezone: self.timezone.unwrap_or_else(|| account.timezone.clone()),
            language: self.language.unwrap_or(account.language),
            week_start: self.week_start.unwrap_or(account.week_start),
            username: self.username.or_else(|| account.username.clone()),
            ..account.clone()
        };
        (changed != *account).then(|| changed.next())
    }
}

impl Accounts {
    /// Makes the caller's account different.
    pub async fn change(&self, caller: &Caller, change: Change) -> Result<Account> {
        let change = change.checked()?;
        for _ in 0..TRIES {
            let account = self.find(caller.user).await?;
            if change.version.is_some_and(|seen| seen != account.version) {
                return Err(Error::Stale);
            }
            change.expected.met_by(account.version)?;
            let Some(changed) = change.clone().apply(&account) else { return Ok(account) };

            match self.store.update(&changed, self.means.clock.now(), Along::none()).await? {
                Written::Done => return Ok(changed),
                Written::Taken(taken) => return Err(Error::Conflict(taken.taken())),
                Written::Stale => {}
            }
        }
        Err(change.expected.missed())
    }
}
