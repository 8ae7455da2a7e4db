//! A running Daybook: what is opened at start, what runs meanwhile, and how it ends.

mod addresses;
mod caches;
mod chores;
mod databases;
mod doors;
mod endings;
mod errands;
mod founding;
mod groups;
mod jobs;
mod keys;
mod kinds;
mod letters;
mod people;
mod providers;
mod queues;
mod remembered;
mod remote;
mod reports;
mod stores;
mod ways;

use std::net::SocketAddr;
use std::sync::Arc;

use api::Verifier;
use api::metrics::Metrics;
use api::rates::Rates;
use api::serve::{Lanes, Listener};
use api::stop::Stop;
use cache::Cache;
use part::Part;
use tokio::task::JoinSet;
use types::{Clock, Error, Result};

use crate::config::Config;
use crate::domains::{GATEWAY, Roles};
use crate::orders::Desk;
use crate::socket;
use addresses::Addresses;
pub use caches::Shared;
pub use databases::Database;
use endings::{Fresh, Source};
use identity::Identity;
pub use jobs::SECTIONS as JOBS;
use keys::Keys;
use remote::Remote;
use stores::Stores;
pub use stores::needs_folder;
pub use ways::{Brokers, unheard};

/// A house that has been opened and not yet served.
pub struct House {
    config: Config,
    roles: Roles,
    stores: Stores,
    cache: Cache,
    parts: Vec<(&'static str, Part)>,
    identity: Option<Identity>,
    source: Source,
    fresh: Fresh,
    verifier: Verifier,
    metrics: Metrics,
    rates: Option<Rates>,
    clock: Arc<dyn Clock>,
    addresses: Addresses,
}

impl House {
    /// Opens everything that can fail, so that what is wrong is said before anything is served.
    pub async fn open(config: Config, roles: Roles, clock: Arc<dyn Clock>) -> Result<Self> {
        let addresses = Addresses::take(&config)?;
        let cache = caches::open(&config, &clock)?;
        let metrics = Metrics::new();
        let stores = Stores::open(&config, &roles, (&cache, &clock), &metrics).await?;
        let keys = roles.has("identity").then(|| Keys::open(&config, &clock)).transpose()?;
        let public = keys.as_ref().map(|keys| keys.signing.public().clone()).unwrap_or_default();
        let verifier = Verifier::new(public, &config.tokens.issuer, &config.tokens.audience, clock.clone());
        let identity = match keys {
            Some(keys) => {
                Some(Identity::new(needs(&config, &stores, &cache, &clock, keys, &verifier).await?)?)
            }
            None => None,
        };
        let source = match &identity {
            Some(identity) => Source::Here(Box::new(identity.sessions.clone())),
            None => Source::There(Box::new(Remote::new(config.identity.url.as_str()))),
        };
        let (fresh, rates) = (Fresh::default(), doors::rates(&config, &cache, &clock));
        let mut house = Self {
            config,
            roles,
            stores,
            cache,
            parts: Vec::new(),
            identity,
            source,
            fresh,
            verifier,
            metrics,
            rates,
            clock,
            addresses,
        };
        house.parts = house.parts()?;
        house.know_endings().await?;
        Ok(house)
    }

    fn parts(&self) -> Result<Vec<(&'static str, Part)>> {
        let mut parts = Vec::new();
        if let Some(identity) = &self.identity {
            let mut part = identity.part(&self.stores.of("identity")?.db);
            part.handlers.push(self.email(identity));
            parts.push(("identity", part));
        }
        if self.roles.has("tasks") {
            let store = self.stores.of("tasks")?;
            let (stream, teller, ids) = (&store.stream, store.teller(), store.lease.ids());
            let part = tasks::part(&store.db, stream, teller, ids, self.clock.clone());
            parts.push(("tasks", part));
        }
        if self.roles.has("messenger") {
            parts.push(("messenger", self.messenger()?));
        }
        if self.roles.has("jobs") {
            parts.push(("jobs", self.jobs()?));
        }
        Ok(parts)
    }

    fn messenger(&self) -> Result<Part> {
        let store = self.stores.of("messenger")?;
        Ok(messenger::part(messenger::Needs {
            db: store.db.clone(),
            teller: store.teller(),
            ids: store.lease.ids(),
            clock: self.clock.clone(),
            people: self.people(),
            stream: store.stream.clone(),
            cache: self.cache.clone(),
            verifier: self.verifier.clone(),
            rates: self.rates.clone(),
            streams: self.config.limits.streams,
            silence: self.config.limits.silence,
        }))
    }

    /// Where it will answer: the addresses asked for, with the ports that were free where none was named.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses.public
    }

    /// Where operators look.
    pub fn system_address(&self) -> SocketAddr {
        self.addresses.system
    }

    /// Identity's verbs, where it runs.
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What orders are carried out with. It must be gone before the house is closed.
    pub(crate) fn desk(&self) -> Desk {
        let shelves = self.stores.shelves(&doors::consumers(&self.parts)).collect();
        Desk { identity: self.identity.clone(), shelves }
    }

    /// The databases, for whoever looks at what the house has written.
    pub fn databases(&self) -> impl Iterator<Item = &db::Db> {
        self.stores.all().map(|store| &store.db)
    }

    /// Serves until it is told to stop, finishes what runs, and leaves everything in order.
    pub async fn serve(mut self, stop: Stop) -> Result<()> {
        let limits = doors::connection_limits(&self.config);
        let administration = socket::routes(self.desk());
        let mut parts = std::mem::take(&mut self.parts);
        let mut works = works(&mut parts, &stop);
        self.work(&parts, &mut works, &stop);
        let services = self.services()?;
        let (consumers, system) = (doors::consumers(&parts), self.system(&parts, &services));
        let door = self.door(parts, &services, &stop);
        let tls = self.tls();
        let lanes =
            Lanes::start(Lanes::usual()).map_err(|e| Error::internal_by("threads cannot be started", e))?;
        lanes.runtimes().iter().for_each(|runtime| self.metrics.watch_runtime(runtime.clone()));
        let (public, operators) = self.addresses.listeners()?;
        let socket = self.socket()?;

        let serving = async {
            tokio::try_join!(
                lanes.run(public, door, limits, stop.clone(), tls),
                api::serve::run(operators, system, limits, stop.clone(), None),
                api::serve::run(socket, administration, limits, stop.clone(), None),
            )
        };
        let background =
            async { tokio::join!(self.stores.run(consumers), self.follow_keys(), self.follow_endings()) };
        for address in &self.addresses.public {
            tracing::info!(address = %address, roles = self.roles.name(), "Daybook answers here");
        }
        self.stores.unheard(&self.config).iter().for_each(|said| tracing::warn!("{said}"));
        self.invite().await;
        let served = tokio::select! {
            served = serving => served.map(drop).map_err(Error::internal),
            _ = background => Ok(()),
        };
        tracing::info!("Daybook stops");
        if served.is_ok() && stop.is_set() {
            while works.join_next().await.is_some() {}
        } else {
            works.shutdown().await;
        }
        self.close().await;
        drop(lanes);
        served
    }

    /// Ends a house that was only opened.
    pub async fn close(self) {
        let Self { stores, parts, identity, source, metrics, .. } = self;
        // Whatever holds a handle to a database goes first: only the last one's end waits until all is on disk.
        drop((parts, identity, source, metrics));
        stores.close().await;
    }

    /// Has the jobs done of the roles that run here, and the chores of their databases.
    fn work(&self, parts: &[(&'static str, Part)], works: &mut JoinSet<()>, stop: &Stop) {
        for (queue, handlers) in self.stores.queues(&doors::handlers(parts), &self.clock) {
            let (crew, stop) = ((stores::holder(), self.config.work.room), stop.clone());
            works.spawn(async move { queue.work(handlers, crew, stop).await });
        }
    }

    fn socket(&self) -> Result<Vec<Listener>> {
        let Some(folder) = self.stores.folder() else { return Ok(Vec::new()) };
        let listener = api::serve::listen_unix(&folder.join(socket::NAME)).map_err(Error::internal)?;
        Ok(vec![listener.into()])
    }
}

/// What these parts do beside answering, on tasks of their own.
fn works(parts: &mut [(&'static str, Part)], stop: &Stop) -> JoinSet<()> {
    let all = parts.iter_mut().flat_map(|(_, part)| part.works.drain(..));
    all.map(|work| work(stop.clone())).collect()
}

/// What identity is made of.
async fn needs(
    config: &Config,
    stores: &Stores,
    cache: &Cache,
    clock: &Arc<dyn Clock>,
    keys: Keys,
    verifier: &Verifier,
) -> Result<identity::Needs> {
    let store = stores.of("identity")?;
    let (passwords, tokens, logins) = (&config.passwords, &config.tokens, &config.logins);
    let cost = identity::Cost {
        memory_kib: u32::try_from(passwords.memory >> 10).unwrap_or(u32::MAX),
        passes: passwords.passes,
        lanes: passwords.lanes,
    };
    Ok(identity::Needs {
        db: store.db.clone(),
        cache: cache.clone(),
        teller: store.teller(),
        ids: store.lease.ids(),
        clock: clock.clone(),
        keys: keys.signing,
        secret: keys.secret,
        verifier: verifier.clone(),
        passwords: identity::Passwords::start(cost, passwords.threads, passwords.queue)?,
        password_rule: identity::PasswordRule { least: passwords.min_length, most: passwords.max_length },
        logins: identity::LoginLimits {
            window: logins.window,
            per_account_and_subnet: logins.per_account_and_subnet,
            per_account: logins.per_account,
            per_address: logins.per_address,
            per_subnet: logins.per_subnet,
        },
        access_ttl: tokens.access_ttl,
        session_ttl: tokens.refresh_ttl,
        secure: config.tls.cert.is_some(),
        codes: letters::codes(config, keys.codes),
        letters: letters::letters(config).await?,
        providers: providers::of(&config.oauth, keys.oauth, clock),
    })
}
