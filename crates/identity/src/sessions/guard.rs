//! Against guessing passwords: failures are counted, and who has too many waits before another hash is computed for them.
//!
//! Four counters, each for one window of time: a name from one subnet, a name from anywhere, an address, a subnet. A name
//! that is tried from everywhere closes to nobody for that: a subnet merely has one failure where it had several, so
//! that an attacker cannot lock an owner out. Names without an account are counted like all others.
//!
//! Counters live in the house's cache. While that is away (a Redis that is down) they are kept in this process alone:
//! people go on signing in, and guessing stays as slow as one process can make it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cache::Cache;
use sha2::{Digest, Sha256};
use types::{Clock, Error, Result};

use super::pending::{Pending, Place};
use crate::Identifier;

/// What the counters of one process may hold while the cache is away.
const LOCAL_BYTES: usize = 8 << 20;
/// Failures that a subnet has left for a name that is tried from everywhere.
const STRAINED: u32 = 1;

/// How many failures there may be in a window.
#[derive(Debug, Clone, Copy)]
pub struct LoginLimits {
    /// How long failures are counted.
    pub window: Duration,
    /// For one name from one subnet.
    pub per_account_and_subnet: u32,
    /// For one name from anywhere, until each subnet has but one.
    pub per_account: u32,
    /// From one address.
    pub per_address: u32,
    /// From one subnet.
    pub per_subnet: u32,
}

/// Counts failures. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    shared: Cache,
    local: Cache,
    away: Arc<AtomicBool>,
    pending: Pending,
    limits: LoginLimits,
    clock: Arc<dyn Clock>,
}

/// Somebody who tries to sign in: under which name, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    name: String,
    address: IpAddr,
}

/// A try that was let in. It counts as a failure until it is known to be none.
pub struct Attempt {
    counted: Vec<Place>,
    pair: String,
    at: Cache,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The password was right.
    Right,
    /// It was wrong.
    Wrong,
    /// Nobody looked at it.
    Unknown,
}

struct Counter {
    key: String,
    limit: u32,
    /// What is over this limit is not refused: it leaves [`STRAINED`] to the counters that follow.
    strains: bool,
}

impl Counter {
    const fn closing(key: String, limit: u32) -> Self {
        Self { key, limit, strains: false }
    }
}

impl Stranger {
    /// Whoever gives this name at this address.
    pub fn new(name: &str, address: &str) -> Self {
        let name = match Identifier::parse(name) {
            Ok(identifier) => format!("{identifier:?}"),
            Err(_) => name.trim().to_lowercase(),
        };
        // A name is somebody's address or number: it does not belong in a cache that others may look into.
        let name = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(name)[..16]);
        let address = address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Self { name, address: host(address) }
    }

    /// Whether a session with this address was opened where they are.
    pub fn is_at(&self, address: &str) -> bool {
        address.parse().is_ok_and(|address| host(address) == self.address)
    }
}

impl Guard {
    /// With counters in this cache.
    pub fn new(cache: Cache, limits: LoginLimits, clock: Arc<dyn Clock>) -> Self {
        let local = Cache::in_memory(LOCAL_BYTES, clock.clone());
        Self { shared: cache, local, away: Arc::default(), pending: Pending::default(), limits, clock }
    }

    /// Lets a stranger try, or says how long to wait.
    pub async fn admit(&self, stranger: &Stranger) -> Result<Attempt> {
        let LoginLimits { per_account_and_subnet, per_account, per_address, per_subnet, .. } = self.limits;
        let Stranger { name, address } = stranger;
        let subnet = subnet(*address);
        let pair = self.key(&format!("pair:{name}:{subnet}"));
        // The widest first: who is refused for their address leaves no traces under every name they think of.
        let counters = [
            Counter::closing(self.key(&format!("address:{address}")), per_address),
            Counter::closing(self.key(&format!("subnet:{subnet}")), per_subnet),
            Counter { strains: true, ..Counter::closing(self.key(&format!("account:{name}")), per_account) },
            Counter::closing(pair.clone(), per_account_and_subnet),
        ];
        self.count(&pair, &counters).await
    }

    /// Lets the owner of an account try whatever others do to it: by a counter of their own, which is about the session
    /// that they prove to have, or else about the address at which they have one.
    pub async fn admit_familiar(&self, stranger: &Stranger, session: Option<i64>) -> Result<Attempt> {
        let Stranger { name, address } = stranger;
        let own = match session {
            Some(session) => format!("session:{session}"),
            None => format!("familiar:{name}:{address}"),
        };
        let own = Counter::closing(self.key(&own), self.limits.per_account_and_subnet);
        let pair = self.key(&format!("pair:{name}:{}", subnet(*address)));
        self.count(&pair, &[own]).await
    }

    /// Notes what came of a try.
    pub async fn note(&self, attempt: Attempt, outcome: Outcome) {
        let Attempt { counted, pair, at } = attempt;
        if outcome == Outcome::Wrong {
            return;
        }
        for place in counted {
            let key = place.key.clone();
            // It leaves first: who looked in between would take a failure for somebody who is being looked at.
            drop(place);
            // One that cannot be taken back is over with its window.
            let _ = at.add(&key, -1, self.limits.window).await;
        }
        if outcome == Outcome::Right {
            let _ = at.remove(&pair).await;
        }
    }

    /// Counts in the shared cache, or here while that is away.
    async fn count(&self, pair: &str, counters: &[Counter]) -> Result<Attempt> {
        match self.count_at(&self.shared, pair, counters).await {
            Err(error) if !matches!(error, Error::TooMany(_)) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "failed log-ins are counted in this process alone: the cache is away"
                    );
                }
                self.count_at(&self.local, pair, counters).await
            }
            counted => {
                self.away.store(false, Ordering::Relaxed);
                counted
            }
        }
    }

    /// Counts first and looks afterwards. Tries that are still looked at here are no failures yet: a household that signs
    /// in at once is let in, and so are as many guesses at once as passwords may wait to be hashed, but once.
    async fn count_at(&self, at: &Cache, pair: &str, counters: &[Counter]) -> Result<Attempt> {
        let mut attempt = Attempt { counted: Vec::new(), pair: pair.to_owned(), at: at.clone() };
        let mut most = u32::MAX;
        for Counter { key, limit, strains } in counters {
            // Whoever came by now has been counted; whoever comes from now on perhaps not.
            let by_now = self.pending.came();
            let failures = match at.add(key, 1, self.limits.window).await {
                Ok(failures) => failures,
                Err(error) => {
                    self.note(attempt, Outcome::Unknown).await;
                    return Err(error);
                }
            };
            let (place, pending) = self.pending.enter(key, by_now);
            let known = failures - pending - 1;
            attempt.counted.push(place);
            let over = known >= i64::from(*limit.min(&most));
            if over && *strains {
                most = STRAINED;
            } else if over {
                self.note(attempt, Outcome::Unknown).await;
                return Err(Error::TooMany(self.rest()));
            }
        }
        Ok(attempt)
    }

    /// A counter of the window that is now.
    fn key(&self, about: &str) -> String {
        let window = self.clock.now().micros().div_euclid(self.window_micros());
        format!("identity:failures:{window}:{about}")
    }

    /// Until the next window.
    fn rest(&self) -> Duration {
        let (now, window) = (self.clock.now().micros(), self.window_micros());
        Duration::from_micros(u64::try_from(window - now.rem_euclid(window)).unwrap_or(0))
    }

    fn window_micros(&self) -> i64 {
        i64::try_from(self.limits.window.as_micros()).unwrap_or(i64::MAX).max(1)
    }
}

/// Where one household is: whoever has an IPv6 address has 2^64 of them.
fn host(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// What one provider hands to one customer, more or less.
fn subnet(address: IpAddr) -> IpAddr {
    masked(address, 24, 48)
}

fn masked(address: IpAddr, bits_4: u32, bits_6: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - bits_4).unwrap_or_default();
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - bits_6).unwrap_or_default();
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests;
