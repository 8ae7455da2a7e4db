//! How often: a limit for each address and each user, and one for each kind of request.
//!
//! Each process decides by itself, out of its own memory. Where processes share a cache, a client that has used a
//! twentieth of a limit since the others were told of it waits once while they are: what it owes at all of them comes
//! back. So a request in twenty asks the cache at the most, and that only of clients that ask a lot; and together the
//! processes let through what one may, and a tenth more for each. While the cache is away each decides alone.

mod rate;
mod tab;
mod table;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use cache::Cache;
use tokio::sync::Mutex;
use types::{Clock, Timestamp, UserId};

use crate::edge::ClientIp;
use crate::problem::Failure;

pub use rate::Rate;
use rate::Taken;
pub(crate) use tab::Tab;
use table::{Key, SHARDS, Table, Who};

/// The part of a limit that a process may use before it tells the others.
const UNTOLD: u32 = 20;

/// What kind of request it is. What is in no group is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// It changes nothing.
    Read,
    /// It changes something.
    Write,
    /// It proves who somebody is: it counts when it failed, or when it costs us even if it did not.
    Door {
        /// Somebody is registered, or a code goes out.
        costly: bool,
    },
}

impl Group {
    /// What of it counts. Whoever works on this machine itself is no stranger, and may load it as they like; but not
    /// guess passwords.
    pub(crate) const fn counted(self, from_here: bool) -> Option<Self> {
        match self {
            _ if !from_here => Some(self),
            Self::Door { .. } => Some(Self::Door { costly: false }),
            Self::Read | Self::Write => None,
        }
    }
}

/// How many requests each may make.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// In how long.
    pub window: Duration,
    /// That change nothing, from one address.
    pub read_per_address: u32,
    /// That change nothing, by one user.
    pub read_per_user: u32,
    /// That change something, from one address.
    pub write_per_address: u32,
    /// That change something, by one user.
    pub write_per_user: u32,
    /// That fail to prove who somebody is, register somebody or have a code sent, from one address.
    pub door_per_address: u32,
}

/// Knows who has asked how often. Cheap to clone.
#[derive(Clone)]
pub struct Rates {
    inner: Arc<Inner>,
}

struct Inner {
    plans: Plans,
    table: Table,
    clock: Arc<dyn Clock>,
    shared: Option<Shared>,
}

/// The cache that processes share, and the order in which it is asked: one question at a time behind each lock.
struct Shared {
    cache: Cache,
    questions: [Mutex<()>; SHARDS],
}

struct Plans {
    read: [Plan; 2],
    write: [Plan; 2],
    door: [Plan; 1],
}

/// One limit, by its name.
struct Plan {
    name: &'static str,
    rate: Rate,
    policy: HeaderValue,
}

impl Rates {
    /// These limits, over this cache if processes share it.
    pub fn new(limits: Limits, cache: &Cache, clock: Arc<dyn Clock>) -> Self {
        let plan = |name, count| Plan::new(name, Rate { count, window: limits.window });
        let plans = Plans {
            read: [plan("read-address", limits.read_per_address), plan("read-user", limits.read_per_user)],
            write: [
                plan("write-address", limits.write_per_address),
                plan("write-user", limits.write_per_user),
            ],
            door: [plan("door-address", limits.door_per_address)],
        };
        let questions = std::array::from_fn(|_| Mutex::default());
        let shared = cache.is_shared().then(|| Shared { cache: cache.clone(), questions });
        Self { inner: Arc::new(Inner { plans, table: Table::new(), clock, shared }) }
    }

    /// Begins to count a request.
    pub(crate) fn open(&self, group: Group) -> Tab<'_> {
        Tab::new(self, group, self.inner.plans.of(group))
    }

    /// Counts what is asked on a connection that is there already like the request that asks the same.
    pub async fn charge(&self, group: Group, client: ClientIp, user: UserId) -> Result<(), Failure> {
        let Some(group) = group.counted(client.0.is_loopback()) else { return Ok(()) };
        let mut tab = self.open(group);
        tab.charge_address(client.0).await?;
        tab.charge_user(user).await
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// One more request, if it may be.
    async fn take(&self, key: Key, rate: Rate) -> Taken {
        let (table, now) = (&self.inner.table, self.now());
        let most = self.inner.shared.is_some().then(|| most_untold(rate));
        if let Some(taken) = table.take(key, rate, now, most) {
            return taken;
        }
        // On a task of its own: a client that leaves must not make what it took unheard of.
        let rates = self.clone();
        let telling = tokio::spawn(async move { rates.tell(key, rate).await });
        // It ends only when the process does.
        drop(telling.await);
        table.take(key, rate, self.now(), None).unwrap_or(Taken::No(rate.window))
    }

    /// Tells the others what was taken here, and hears what is owed in all.
    async fn tell(&self, key: Key, rate: Rate) {
        let table = &self.inner.table;
        let Some(shared) = &self.inner.shared else { return };
        let _turn = shared.questions[table.place(key)].lock().await;
        let Some(untold) = table.tell(key, most_untold(rate)) else { return };
        let cost = u64::try_from(i64::from(untold) * rate.cost()).unwrap_or(0);
        // Without an answer what is known here has to do.
        if let Ok(owed) = shared.cache.owe(&key.name(), Duration::from_micros(cost)).await {
            let owed = i64::try_from(owed.as_micros()).unwrap_or(i64::MAX / 2);
            table.hear(key, rate, self.now(), owed);
        }
    }
}

fn most_untold(rate: Rate) -> i32 {
    i32::try_from(rate.count / UNTOLD).unwrap_or(i32::MAX).max(1)
}

impl Plans {
    /// The limits of an address and of a user.
    fn of(&self, group: Group) -> &[Plan] {
        match group {
            Group::Read => &self.read,
            Group::Write => &self.write,
            Group::Door { .. } => &self.door,
        }
    }
}

impl Plan {
    fn new(name: &'static str, rate: Rate) -> Self {
        let policy = format!("\"{name}\";q={};w={}", rate.count, rate.window.as_secs().max(1));
        let policy = HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static(name));
        Self { name, rate, policy }
    }
}

impl Key {
    /// What it is called where processes share it.
    fn name(self) -> String {
        let limit = self.limit;
        match self.who {
            Who::Four(address) => format!("gateway:rate:{limit}:{}", std::net::Ipv4Addr::from_bits(address)),
            Who::Six(network) => format!("gateway:rate:{limit}:{network:016x}"),
            Who::User(user) => format!("gateway:rate:{limit}:{user}"),
        }
    }
}
