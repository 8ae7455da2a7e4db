//! The databases of a house: one for all, or some for roles of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use api::metrics::Metrics;
use cache::Cache;
use db::{Db, Folder, Hold, Lease, Migration, Settings, Verdict};
use futures_util::future::join_all;
use jobs::{Handler, Kept, Queue};
use stream::{Stream, Teller};
use tokio::task::JoinSet;
use types::{Clock, Error, Result};

use crate::config::{Config, Url, without_password};
use crate::domains::{ALL, Domain, Roles, migrations};
use crate::facts::{Served, Shelf};
use crate::house::chores;
use crate::house::ways::{self, Brokers};

/// A handler of jobs, and the role it serves.
pub type Handling = (&'static str, Arc<dyn Handler>);

/// The embedded engine's file in the data folder.
const FILE: &str = "daybook.db";

/// One database and what belongs to it.
pub struct Store {
    /// The database.
    pub db: Db,
    /// Its facts.
    pub stream: Stream,
    /// Its jobs.
    pub queue: Queue,
    /// The slot that this process holds in it.
    pub lease: Lease,
    hold: Hold,
}

impl Store {
    /// What its domains tell facts with.
    pub fn teller(&self) -> Teller {
        self.stream.teller(self.lease.ids())
    }
}

/// All databases of a process.
pub struct Stores {
    /// By URL, so that roles that share one share everything.
    by_url: BTreeMap<String, Store>,
    of_role: BTreeMap<&'static str, String>,
    folder: Option<Folder>,
    brokers: Brokers,
}

impl Stores {
    /// Opens what these roles need, with their schema in order.
    pub async fn open(
        config: &Config,
        roles: &Roles,
        (cache, clock): (&Cache, &Arc<dyn Clock>),
        metrics: &Metrics,
    ) -> Result<Self> {
        let folder = needs_folder(config, roles).then(|| Folder::take(&config.data_dir)).transpose();
        let folder = folder.map_err(|error| Error::unavailable(error.to_string()))?;
        // A database is judged by all that lives in it, and so are the ways of its facts: what runs here may be only a part.
        let (here, mut whole) = (databases(config, roles.domains()), databases(config, ALL));
        whole.retain(|url, _| here.contains_key(url));
        let brokers = Brokers::open(config, whole.values().flatten().copied())?;
        let mut stores = Self { by_url: BTreeMap::new(), of_role: BTreeMap::new(), folder, brokers };
        for (url, domains) in here {
            let all = whole.remove(&url).unwrap_or_default();
            let mut store = open(config, &url, &migrations(all.iter().copied()), (cache, clock)).await?;
            let ids = store.lease.ids();
            store.stream = ways::set(config, &stores.brokers, store.stream, (&all, &ids), metrics);
            if store.stream.goes_by_broker(types::facts::jobs::TOPIC) {
                store.queue = store.queue.clone().told_by(store.teller());
            }
            stores.of_role.extend(domains.iter().map(|domain| (domain.role, url.clone())));
            stores.by_url.insert(url, store);
        }
        Ok(stores)
    }

    /// The brokers that facts of this process go by.
    pub const fn brokers(&self) -> &Brokers {
        &self.brokers
    }

    /// What is to be said of facts that do not come to these databases.
    pub fn unheard(&self, config: &Config) -> Vec<String> {
        let mut here = databases(config, ALL);
        here.retain(|url, _| self.by_url.contains_key(url));
        ways::unheard(config, here.values())
    }

    /// The database of a role that runs here.
    pub fn of(&self, role: &str) -> Result<&Store> {
        let store = self.of_role.get(role).and_then(|url| self.by_url.get(url));
        store.ok_or_else(|| Error::internal(format!("{role} has no database here")))
    }

    /// Every database.
    pub fn all(&self) -> impl Iterator<Item = &Store> {
        self.by_url.values()
    }

    /// The data folder, if this process has one.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(Folder::path)
    }

    /// Delivers facts and keeps leases for as long as it is polled. Consumers are given by the role they serve.
    pub async fn run(&self, consumers: Vec<Served>) {
        // Tasks of their own: whatever else this one has to do must not make ids run out.
        let mut kept = JoinSet::new();
        for store in self.by_url.values() {
            let lease = store.lease.clone();
            kept.spawn(async move { lease.keep().await });
        }
        let works = self.by_url.iter().map(|(url, store)| {
            let here = self.hearing(url, &consumers).map(|(_, consumer)| consumer.clone()).collect();
            store.stream.run(here)
        });
        join_all(works).await;
    }

    /// The facts of each database, with those who hear them.
    pub fn shelves(&self, consumers: &[Served]) -> impl Iterator<Item = Shelf> {
        self.by_url.iter().map(|(url, store)| Shelf {
            stream: store.stream.clone(),
            consumers: self.hearing(url, consumers).cloned().collect(),
        })
    }

    /// The jobs of each database, with those who do them here: the chores of every database, and handlers, which are given
    /// by the role they serve.
    pub fn queues(
        &self,
        handlers: &[Handling],
        clock: &Arc<dyn Clock>,
    ) -> impl Iterator<Item = (Queue, Vec<Arc<dyn Handler>>)> {
        self.by_url.iter().map(|(url, store)| {
            let here = |role| self.of_role.get(role).is_some_and(|of| of == url);
            let here = handlers.iter().filter(|(role, _)| here(*role)).map(|(_, handler)| handler.clone());
            (store.queue.clone(), here.chain(chores::of(store, clock)).collect())
        })
    }

    /// The jobs of each database, with the roles that it has here.
    pub fn by_roles(&self) -> impl Iterator<Item = (String, &Queue)> {
        self.by_url.iter().map(|(url, store)| {
            let here = self.of_role.iter().filter(|(_, of)| *of == url).map(|(role, _)| *role);
            (here.collect::<Vec<_>>().join("+"), &store.queue)
        })
    }

    /// Those of the consumers whose role has this database.
    fn hearing<'c>(&self, url: &str, consumers: &'c [Served]) -> impl Iterator<Item = &'c Served> {
        consumers.iter().filter(move |(role, _)| self.of_role.get(role).is_some_and(|of| of == url))
    }

    /// Gives the slots back and closes.
    pub async fn close(self) {
        for (_, Store { db, stream, queue, lease, hold }) in self.by_url {
            stream.close().await;
            if let Err(error) = lease.release().await {
                tracing::warn!(error = %error, "the slot for ids could not be given back; its lease will run out");
            }
            drop((stream, queue, lease));
            db.settle().await;
            db.close().await;
            drop(hold);
        }
    }
}

/// The databases that these domains live in, by URL.
pub fn databases<'d>(
    config: &Config,
    domains: impl IntoIterator<Item = &'d Domain>,
) -> BTreeMap<String, Vec<&'d Domain>> {
    let mut all: BTreeMap<String, Vec<&Domain>> = BTreeMap::new();
    for domain in domains {
        let own = &(domain.config)(config).database_url;
        all.entry(url(config, if own.is_empty() { &config.database_url } else { own }))
            .or_default()
            .push(domain);
    }
    all
}

fn url(config: &Config, set: &Url) -> String {
    if set.is_empty() { embedded(config) } else { set.as_str().to_owned() }
}

/// Whether the data folder has to be this process's own: for a database in it, and for the keys that sign tokens.
pub fn needs_folder(config: &Config, roles: &Roles) -> bool {
    let databases = databases(config, roles.domains());
    databases.contains_key(&embedded(config)) || (roles.has("identity") && !databases.contains_key("memory"))
}

fn embedded(config: &Config) -> String {
    Settings::embedded(&config.data_dir.join(FILE)).url
}

async fn open(
    config: &Config,
    url: &str,
    schema: &[Migration],
    (cache, clock): (&Cache, &Arc<dyn Clock>),
) -> Result<Store> {
    let at = |error: db::Error| Error::unavailable(format!("{}: {error}", without_password(url)));
    let settings = settings(config, url);
    let hold = Hold::take(&settings).map_err(at)?.ok_or_else(|| Error::unavailable(in_use(url)))?;
    let db = Db::open(&settings).map_err(at)?;
    if db.is_sole() {
        db.migrate(schema, clock.now()).await.map_err(at)?;
    } else {
        match db.verdict(schema).await.map_err(at)? {
            Verdict::Current => {}
            verdict => return Err(Error::unavailable(format!("{}: {verdict}", without_password(url)))),
        }
    }
    let stream = Stream::new(db.clone(), clock.clone());
    let stream = stream.keeping(config.stream.keep).heard_by(config.limits.streams).heard_afar(cache);
    let lease = Lease::wait_for(db.clone(), clock.clone(), holder()).await.map_err(at)?;
    let kept = Kept { done: config.work.keep, others: config.work.keep_failed };
    let queue = Queue::new(db.clone(), lease.ids(), clock.clone()).heard_afar(cache).keeping(kept);
    Ok(Store { db, stream, queue, lease, hold })
}

/// How the database at this URL is opened.
pub fn settings(config: &Config, url: &str) -> Settings {
    Settings { connections: config.database.connections, ..Settings::new(url) }
}

/// What is said of a database that another process has.
pub fn in_use(url: &str) -> String {
    format!("{}: in use by another Daybook", without_password(url))
}

/// A name that no other process has.
#[expect(clippy::disallowed_methods, reason = "the wiring is where random numbers are drawn")]
pub fn holder() -> String {
    format!("{}-{:016x}", std::process::id(), getrandom::u64().unwrap_or_default())
}
