//! Who people are: signing up, and being known again.

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::Tell;
use types::facts::accounts::UserSignedUp;
use types::{Clock, Error, Ids, Result, Timestamp, UserId};

use super::people::Person;
use super::registration::Candidate;
use super::texts::NO_ACCOUNT;
use super::{Account, Identifier, PasswordRule, Registration};
use crate::founding::Spending;
use crate::passwords::Likeness;
use crate::sessions::Endings;
use crate::{Passwords, Proofs, Reason, Target};

/// How often a write is tried again when another one came between reading and writing.
pub(super) const TRIES: usize = 3;

/// An account, and what only the house knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The account.
    pub account: Account,
    /// The hash of its password, if it has one.
    pub password_hash: Option<String>,
    /// Since when its deletion waits for the end of the days of grace.
    pub left_at: Option<Timestamp>,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is done.
    Done,
    /// Another one came first.
    Stale,
    /// This is somebody else's.
    Taken(Identifier),
}

impl Written {
    /// An error unless it is done.
    pub(super) fn done(self) -> Result<()> {
        match self {
            Self::Done => Ok(()),
            Self::Stale => Err(Error::Stale),
            Self::Taken(taken) => Err(Error::Conflict(taken.taken())),
        }
    }
}

/// Where people are kept. What goes `along` is committed with the write or not at all. An account that is written
/// replaces the version before its own, generation and date of birth left as they are.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Writes a new account down.
    async fn insert(&self, account: &Account, password_hash: Option<String>, along: Along)
    -> Result<Written>;
    /// The account, unless its deletion has begun.
    async fn find(&self, id: UserId) -> Result<Option<Account>>;
    /// Those of these, a hundred at the most, who have an account whose deletion has not begun.
    async fn those_of(&self, ids: &[UserId]) -> Result<Vec<Person>>;
    /// Those whose names are one of these as they are compared, by their ids, if their deletion has not begun.
    async fn called(&self, keys: [String; 2], limit: i64) -> Result<Vec<Person>>;
    /// The account and what only the house knows of it, also when its deletion has begun.
    async fn know(&self, id: UserId) -> Result<Option<Known>>;
    /// The account that this names.
    async fn recognise(&self, identifier: &Identifier) -> Result<Option<Known>>;
    /// Replaces the account.
    async fn update(&self, account: &Account, now: Timestamp, along: Along) -> Result<Written>;
    /// Replaces the account and its password.
    async fn set_password(
        &self,
        account: &Account,
        hash: &str,
        now: Timestamp,
        along: Along,
    ) -> Result<Written>;
    /// Replaces the account, which has been proved to be somebody's; this hash, or none, is its password from then on,
    /// and no other login opens it.
    async fn claim(
        &self,
        account: &Account,
        hash: Option<String>,
        now: Timestamp,
        along: Along,
    ) -> Result<Written>;
    /// Puts another hash of the same password in the place of this one, if it is still there.
    async fn rehash(&self, id: UserId, old: &str, new: &str) -> Result<()>;
    /// Notes which address somebody wants instead of the one they have.
    async fn want(&self, id: UserId, target: &Target, now: Timestamp) -> Result<()>;
    /// The address they want: an e-mail address, or a number.
    async fn wanted(&self, id: UserId, phone: bool) -> Result<Option<Target>>;
    /// Replaces the account, which has the address now that was wanted.
    async fn move_to(
        &self,
        account: &Account,
        target: &Target,
        now: Timestamp,
        along: Along,
    ) -> Result<Written>;
    /// Replaces the account, and begins its deletion.
    async fn leave(&self, account: &Account, now: Timestamp, along: Along) -> Result<Written>;
    /// Replaces the account, whose deletion began then, and ends that; false when it began at another time, or not.
    async fn come_back(&self, account: &Account, left_at: Timestamp, now: Timestamp) -> Result<bool>;
    /// Accounts whose deletion began before this moment.
    async fn left_before(&self, moment: Timestamp, limit: i64) -> Result<Vec<UserId>>;
    /// Removes an account whose deletion began before this moment; false when there is none.
    async fn bury(&self, id: UserId, moment: Timestamp, along: Along) -> Result<bool>;
}

/// What the verbs are done with.
#[derive(Clone)]
pub struct Means {
    /// What hashes passwords.
    pub passwords: Passwords,
    /// Which of them are taken.
    pub rule: PasswordRule,
    /// What proves addresses.
    pub proofs: Arc<dyn Proofs>,
    /// What ends sessions.
    pub endings: Endings,
    /// What facts are told with.
    pub teller: Teller,
    /// What makes ids.
    pub ids: Ids,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(super) store: Arc<dyn AccountStore>,
    pub(super) means: Means,
}

impl Accounts {
    /// Over this store.
    pub fn new(store: Arc<dyn AccountStore>, means: Means) -> Self {
        Self { store, means }
    }

    /// Makes an account. Where addresses must be proved, a code that is missing or wrong gets the same answer whether
    /// or not the address has an account.
    pub async fn sign_up(&self, registration: Registration) -> Result<Account> {
        self.sign_up_along(registration, None).await
    }

    /// The same, with an invitation that is used up by it.
    pub async fn sign_up_along(
        &self,
        registration: Registration,
        invitation: Option<Spending>,
    ) -> Result<Account> {
        let candidate = registration.checked(self.means.rule)?;
        self.refuse_taken_name(&candidate).await?;
        let hash = self.means.passwords.hash(&registration.password, &registration.address).await?;
        let proved = self.prove(&registration, &candidate).await?;
        let candidate = if proved.is_some() { candidate.with_proved_alone() } else { candidate };
        let account = self.born(&registration, candidate, proved.as_ref())?;

        for _ in 0..TRIES {
            let along = self.telling(&UserSignedUp { id: account.id })?;
            let along = match invitation {
                Some(spending) => along.with(spending),
                None => along,
            };
            let taken = match self.store.insert(&account, Some(hash.clone()), along).await? {
                Written::Done => return Ok(account),
                Written::Stale => continue,
                Written::Taken(taken) => taken,
            };
            if self.holder(&taken).await?.is_none() {
                continue;
            }
            // Whoever vouches has seen no code: theirs may be the name that was mistyped.
            let by_code = proved.as_ref().filter(|_| !registration.vouched);
            let freed = match by_code.filter(|target| Identifier::from(*target) == taken) {
                Some(target) => self.free(target).await?,
                None => false,
            };
            if !freed {
                return Err(Error::Conflict(taken.taken()));
            }
        }
        Err(Error::Stale)
    }

    /// The account that this identifier and password open, called from this address. An unknown one takes as much work
    /// as a wrong password. Whoever is about to be deleted comes back.
    pub async fn recognise(
        &self,
        identifier: &str,
        password: &str,
        address: &str,
    ) -> Result<Option<Account>> {
        let known = match Identifier::parse(identifier) {
            Ok(identifier) => self.store.recognise(&identifier).await?,
            Err(_) => None,
        };
        let hash = known.as_ref().and_then(|known| known.password_hash.clone());
        let likeness = self.means.passwords.compare(password, hash.clone(), address).await?;
        let Some(known) = known.filter(|_| likeness != Likeness::Other) else { return Ok(None) };
        if let (Likeness::SameButCheap, Some(hash)) = (likeness, hash) {
            self.strengthen(known.account.id, hash, password, address);
        }
        self.enter(known).await
    }

    /// An account.
    pub async fn find(&self, id: UserId) -> Result<Account> {
        self.store.find(id).await?.ok_or(Error::NotFound(NO_ACCOUNT))
    }

    /// User names are public: one that is taken is told before a code is used up.
    async fn refuse_taken_name(&self, candidate: &Candidate) -> Result<()> {
        let Some(name) = candidate.username.clone().map(Identifier::Username) else { return Ok(()) };
        let taken = self.holder(&name).await?.is_some();
        if taken { Err(Error::Conflict(name.taken())) } else { Ok(()) }
    }

    /// The address that the code proves, where it must be proved or is vouched for.
    async fn prove(&self, registration: &Registration, candidate: &Candidate) -> Result<Option<Target>> {
        let Some(target) = candidate.to_prove.clone() else { return Ok(None) };
        if registration.vouched {
            return Ok(Some(target));
        }
        if !self.means.proofs.required() {
            return Ok(None);
        }
        let code = registration.code.as_deref().unwrap_or_default();
        self.means.proofs.check(&target, Reason::Register, code).await?;
        Ok(Some(target))
    }

    fn born(
        &self,
        registration: &Registration,
        candidate: Candidate,
        proved: Option<&Target>,
    ) -> Result<Account> {
        let Candidate { email, phone, username, name, timezone, .. } = candidate;
        let now = self.means.clock.now();
        let account = Account {
            id: self.means.ids.next()?,
            email,
            phone,
            username,
            name,
            role: registration.role,
            timezone,
            language: registration.language,
            week_start: 1,
            email_verified_at: None,
            phone_verified_at: None,
            generation: 1,
            version: 0,
            created_at: now,
        };
        // The first version is 1, with or without proof.
        Ok(proved.map_or_else(|| account.next(), |target| account.with_proved(target, now)))
    }

    pub(super) fn telling<T: Tell>(&self, fact: &T) -> Result<Along> {
        Ok(Along::none().with(self.means.teller.tell(fact)?))
    }
}

#[cfg(test)]
mod tests;
