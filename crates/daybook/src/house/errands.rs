//! What people may have the house do for them, put together from what runs here.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{Accounts, Identity, Outcome, Post, Target};
use jobs::errands::email::{Letter, Mailer, Sent};
use jobs::errands::report::{History, Results, Source};
use jobs::errands::{Email, Report, Secrets, Webhook};
use jobs::outside::Outside;
use jobs::webhook::{Guard, Limits, Sender, SystemResolver, web_roots};
use jobs::{Handler, Queue};
use types::{Result, UserId};

use super::reports::{MessageRows, TaskRows};
use super::stores::{Store, databases};
use super::{House, keys};
use crate::domains::ALL;

/// All of it.
pub struct Errands {
    /// Webhooks.
    pub webhook: Arc<Webhook>,
    /// What they are signed with.
    pub secrets: Secrets,
    /// Reports.
    pub report: Arc<Report>,
    /// Those that are made.
    pub results: Results,
    /// Workers outside.
    pub outside: Outside,
}

impl House {
    /// Of the jobs in this database.
    pub(super) fn errands(&self, store: &Store) -> Result<Errands> {
        let (queue, set) = (store.queue.clone(), &self.config.webhooks);
        let guard = Guard::new(&set.allow)?;
        let limits = Limits { patience: set.timeout, ..Limits::default() };
        let sender = Sender::new(guard.clone(), Arc::new(SystemResolver), web_roots()?, limits);
        let secrets = Secrets::new(queue.clone(), keys::of_webhooks(&self.config)?);
        let webhook = Webhook::new((guard, sender), secrets.clone(), set.timeout);
        Ok(Errands {
            webhook: Arc::new(webhook),
            secrets,
            report: Arc::new(Report::new(self.sources(&queue)?)),
            results: Results::new(queue.clone()),
            outside: Outside::new(queue, self.config.limits.streams),
        })
    }

    /// What there can be reports of: what this process has at hand.
    fn sources(&self, queue: &Queue) -> Result<Vec<Arc<dyn Source>>> {
        let mut sources: Vec<Arc<dyn Source>> = vec![Arc::new(History::new(queue.clone()))];
        if self.roles.has("tasks") {
            sources.push(Arc::new(TaskRows::new(&self.stores.of("tasks")?.db)));
        }
        if self.roles.has("messenger") {
            let accounts = self.identity.as_ref().map(|identity| identity.accounts.clone());
            sources.push(Arc::new(MessageRows::new(&self.stores.of("messenger")?.db, accounts)));
        }
        Ok(sources)
    }

    /// Whether somebody who has letters brought hears of the jobs in this database.
    pub(super) fn has_mailer(&self, store: &Store) -> bool {
        let together = databases(&self.config, ALL).into_values().any(|domains| {
            ["jobs", "identity"].iter().all(|role| domains.iter().any(|domain| domain.role == *role))
        });
        together && (self.identity.is_some() || !store.db.is_sole())
    }

    /// Who writes people's letters: identity, which knows their addresses.
    pub(super) fn email(&self, identity: &Identity) -> Arc<dyn Handler> {
        let mailer = Bureau { accounts: identity.accounts.clone(), mail: identity.mail() };
        Arc::new(Email::new(Arc::new(mailer), self.config.work.email_to))
    }
}

/// Identity as the one that writes letters.
struct Bureau {
    accounts: Accounts,
    mail: Arc<dyn Post>,
}

#[async_trait]
impl Mailer for Bureau {
    async fn address(&self, person: UserId) -> Result<Option<String>> {
        let account = self.accounts.find(person).await?;
        Ok(account.email.filter(|_| account.email_verified_at.is_some()))
    }

    async fn send(&self, letter: Letter) -> Result<Sent> {
        let Letter { id, to, subject, text, at } = letter;
        let letter = identity::Letter { id: id.number(), to: Target::Email(to), subject, text, at };
        Ok(match self.mail.send(&letter).await? {
            Outcome::Taken => Sent::Taken,
            Outcome::Refused(why) => Sent::Refused(why.into_owned()),
            Outcome::Later(why) => Sent::Later(why.into_owned()),
        })
    }
}
