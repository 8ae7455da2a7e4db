//! The dance: a browser leaves for a provider, comes back with a code, and somebody is signed in.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use cache::Cache;
use db::Along;
use stream::Teller;
use types::{Caller, Clock, Error, Ids, Language, Result, Role, Timestamp, UserId};

use super::Providers;
use super::arrival::Arrival;
use super::dance::{Dance, DanceSeal, LIFETIME};
use super::exchange::Proof;
use super::login::Login;
use super::outward::Outward;
use super::people::{People, telling_of_login};
use super::plan::{Known, Plan, decide};
use super::profile::Profile;
use super::provider::Provider;
use super::return_path;
use super::texts::{
    ACCOUNT_GONE, LAST_LOGIN, LOGIN_TAKEN, NO_LOGIN, NO_PROVIDER, NOT_BEGUN, PROVIDER_LINKED, UNPROVEN,
};
use crate::Account;
use crate::sessions::{Client, Sessions, Tokens};

/// Of two that come back at once one is first; the other finds what that one wrote at the second look.
const LOOKS: usize = 3;

/// Where logins are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait LoginStore: Send + Sync {
    /// The login of this provider and subject.
    async fn find(&self, provider: &str, subject: &str) -> Result<Option<Login>>;
    /// A person's logins.
    async fn list(&self, user: UserId) -> Result<Vec<Login>>;
    /// Whether they have a password.
    async fn has_password(&self, user: UserId) -> Result<bool>;
    /// Links a login to an account that is there.
    async fn insert(&self, login: &Login, along: Along) -> Result<Inserted>;
    /// Takes a login away from an account of this version; false when it is another one by now.
    async fn remove(&self, login: &Login, version: i64, now: Timestamp) -> Result<bool>;
}

/// What became of linking a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is linked.
    Done,
    /// It is somebody's by now, or the person has one of this provider.
    Clashes,
    /// The person is gone.
    NobodyThere,
}

/// What the dance is made of.
pub struct Parts {
    /// The verbs about accounts that it needs.
    pub people: Arc<dyn People>,
    /// Where logins are kept.
    pub logins: Arc<dyn LoginStore>,
    /// Where people are signed in.
    pub sessions: Sessions,
    /// What facts are told with.
    pub teller: Teller,
    /// What ids are made with.
    pub ids: Ids,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Oauth {
    inner: Arc<Inner>,
}

struct Inner {
    providers: BTreeMap<String, Provider>,
    outward: Outward,
    seal: DanceSeal,
    cache: Cache,
    encrypted: bool,
    parts: Parts,
}

/// A browser that leaves.
pub struct Leaving {
    /// Where to.
    pub door: String,
    /// What it carries meanwhile.
    pub carries: String,
}

/// What came of a dance.
pub enum Outcome {
    /// Somebody is signed in.
    SignedIn(Box<Account>, Tokens),
    /// The login is linked to who asked for it.
    Linked,
}

impl Oauth {
    /// With these providers.
    pub fn new(providers: Providers, parts: Parts) -> Result<Self> {
        let Providers { list, public_url, secret, cache } = providers;
        let named =
            |settings: super::ProviderSettings| (settings.name.clone(), Provider::new(settings, &public_url));
        let inner = Inner {
            providers: list.into_iter().map(named).collect(),
            outward: Outward::new()?,
            seal: DanceSeal::new(&secret),
            cache,
            encrypted: public_url.starts_with("https://"),
            parts,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether browsers reach this house encrypted, and so bring its cookies back only so.
    pub fn is_encrypted(&self) -> bool {
        self.inner.encrypted
    }

    /// What the providers are called.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.inner.providers.keys().map(String::as_str)
    }

    /// Where people are signed in.
    pub fn sessions(&self) -> &Sessions {
        &self.inner.parts.sessions
    }

    /// Sends a browser to a provider: to sign in, or to link the login to the account of this person.
    pub async fn begin(&self, name: &str, link: Option<UserId>, to: Option<String>) -> Result<Leaving> {
        let (provider, now) = (self.provider(name)?, self.now());
        let dance = Dance::new(&provider.settings.name, return_path::checked(to)?, link, now)?;
        let door = provider.door(&self.inner.outward, &dance, now).await?;
        Ok(Leaving { door, carries: self.inner.seal.seal(&dance)? })
    }

    /// The dance of a browser that is back: begun here with this provider, and not ended before.
    pub async fn recognise(&self, name: &str, carried: Option<&str>, arrival: &Arrival) -> Result<Dance> {
        let provider = self.provider(name)?;
        let dance = carried.and_then(|carried| self.inner.seal.open(carried, self.now()));
        let dance = dance.ok_or(Error::Forbidden(NOT_BEGUN))?;
        if dance.provider != provider.settings.name || !dance.is_answered_by(arrival.state()?) {
            return Err(Error::Forbidden(NOT_BEGUN));
        }
        // Remembered as long as the cookie would be good. A process that forgets is still safe: no code counts twice.
        let ended = format!("identity:oauth:{}", dance.state);
        let is_first = self.inner.cache.put_new(&ended, b"", LIFETIME).await?;
        if is_first { Ok(dance) } else { Err(Error::Forbidden(NOT_BEGUN)) }
    }

    /// Ends a dance: asks the provider who came back, and does what its word is worth.
    pub async fn finish(
        &self,
        dance: &Dance,
        arrival: &Arrival,
        caller: Option<UserId>,
        client: &Client,
    ) -> Result<Outcome> {
        let (provider, now) = (self.provider(&dance.provider)?, self.now());
        self.comes_from(provider, arrival).await?;
        let proof = Proof { dance, code: arrival.code()?, device: arrival.device() };
        let profile = provider.prove(&self.inner.outward, &proof, now).await?;
        for _ in 0..LOOKS {
            if let Some(outcome) = self.settle(dance, &profile, caller, client).await? {
                return Ok(outcome);
            }
        }
        Err(Error::unavailable("an account is written by too many at once"))
    }

    /// The logins of the caller.
    pub async fn logins(&self, caller: &Caller) -> Result<Vec<Login>> {
        self.inner.parts.logins.list(caller.user).await
    }

    /// Takes a login away from the caller, but never the last way to sign in.
    pub async fn unlink(&self, caller: &Caller, name: &str) -> Result<()> {
        let Parts { logins, people, .. } = &self.inner.parts;
        let account = people.find(caller.user).await?.ok_or(Error::NotFound(NO_LOGIN))?;
        let linked = logins.list(caller.user).await?;
        let login = linked.iter().find(|login| login.provider == canonical(name));
        let login = login.ok_or(Error::NotFound(NO_LOGIN))?;
        if linked.len() == 1 && !logins.has_password(caller.user).await? {
            return Err(Error::Conflict(LAST_LOGIN));
        }
        let removed = logins.remove(login, account.version, self.now()).await?;
        if removed { Ok(()) } else { Err(Error::Stale) }
    }

    /// Refuses an answer that another provider sent: its code would go to the wrong one.
    async fn comes_from(&self, provider: &Provider, arrival: &Arrival) -> Result<()> {
        let Some(discovery) = &provider.discovery else { return Ok(()) };
        let metadata = discovery.metadata(&self.inner.outward, self.now()).await?;
        let says = metadata.authorization_response_iss_parameter_supported;
        let good = arrival.issuer().map_or(!says, |issuer| provider.is_issuer(issuer));
        if good { Ok(()) } else { Err(Error::Unauthenticated(UNPROVEN)) }
    }

    /// Does what the provider's word is worth; none when somebody else wrote first, and all has to be looked at again.
    async fn settle(
        &self,
        dance: &Dance,
        profile: &Profile,
        caller: Option<UserId>,
        client: &Client,
    ) -> Result<Option<Outcome>> {
        let Parts { people, logins, .. } = &self.inner.parts;
        // The account first: one that was taken over or made between the two looks has this login at the second.
        let holder = match profile.proved_email() {
            Some(email) if dance.link.is_none() => people.by_email(email).await?,
            _ => None,
        };
        let login = logins.find(&dance.provider, &profile.subject).await?;
        let account = match decide(Known { link: dance.link, caller, profile, login, holder })? {
            Plan::Linked => return Ok(Some(Outcome::Linked)),
            Plan::Link(user) => return self.link(&self.login(dance, profile, user)).await.map(Some),
            Plan::SignIn(user) => people.enter(user).await?,
            Plan::Welcome { email } => {
                let newcomer = self.newcomer(email, profile)?;
                let login = self.login(dance, profile, newcomer.id);
                people.sign_up(&newcomer, &login).await?.then_some(newcomer)
            }
            Plan::TakeOver(holder) => {
                let login = self.login(dance, profile, holder.id);
                people.take_over(&holder, &login, self.now()).await?
            }
        };
        let Some(account) = account else { return Ok(None) };
        let tokens = self.sessions().open(&account, client).await?;
        Ok(Some(Outcome::SignedIn(Box::new(account), tokens)))
    }

    async fn link(&self, login: &Login) -> Result<Outcome> {
        let Parts { people, logins, teller, .. } = &self.inner.parts;
        let account = people.find(login.user).await?.ok_or(Error::Forbidden(ACCOUNT_GONE))?;
        match logins.insert(login, telling_of_login(teller, &account)?).await? {
            Inserted::Done => Ok(Outcome::Linked),
            Inserted::NobodyThere => Err(Error::Forbidden(ACCOUNT_GONE)),
            Inserted::Clashes => match logins.find(&login.provider, &login.subject).await? {
                // The same person came back twice at once.
                Some(linked) if linked.user == login.user => Ok(Outcome::Linked),
                Some(_) => Err(Error::Conflict(LOGIN_TAKEN)),
                None => Err(Error::Conflict(PROVIDER_LINKED)),
            },
        }
    }

    fn login(&self, dance: &Dance, profile: &Profile, user: UserId) -> Login {
        Login {
            provider: dance.provider.clone(),
            subject: profile.subject.clone(),
            user,
            email: profile.email.clone(),
            created_at: self.now(),
        }
    }

    fn newcomer(&self, email: Option<String>, profile: &Profile) -> Result<Account> {
        let now = self.now();
        Ok(Account {
            id: self.inner.parts.ids.next()?,
            email_verified_at: email.is_some().then_some(now),
            email,
            phone: None,
            username: None,
            name: profile.name.clone().unwrap_or_default(),
            role: Role::User,
            timezone: "UTC".to_owned(),
            language: Language::default(),
            week_start: 1,
            phone_verified_at: None,
            generation: 1,
            version: 1,
            created_at: now,
        })
    }

    fn provider(&self, name: &str) -> Result<&Provider> {
        self.inner.providers.get(canonical(name)).ok_or(Error::NotFound(NO_PROVIDER))
    }

    fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }
}

/// What a provider is called: one client calls Google by its mail.
fn canonical(name: &str) -> &str {
    if name == "gmail" { "google" } else { name }
}

#[cfg(test)]
mod tests;
