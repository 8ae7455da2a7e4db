//! The counts of one lane of requests.
//!
//! Each thread counts in the lane it was given, so its lock is free and its memory near; reading adds the lanes up.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use axum::http::Method;

use super::{
    histogram::Distribution,
    users::{Census, Users},
    window::Window,
};

/// Upper bounds of request durations, in microseconds.
const BOUNDS_US: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];
/// The program's routes are far fewer; this holds should a caller mistake a path for a route.
const MOST_ROUTES: usize = 1_000;

static NEXT_LANE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static LANE: usize = NEXT_LANE.fetch_add(1, Ordering::Relaxed);
}

/// One lane, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Shard {
    /// One lane may be left and another entered meanwhile, so only the sum of all lanes means something.
    pub(super) in_flight: AtomicI64,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) routes: HashMap<Box<str>, Route>,
    pub(super) all: Window,
    /// Requests of people who are signed in.
    pub(super) signed_in: Window,
    pub(super) users: Users,
}

/// One request that has been answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered<'a> {
    pub(super) method: &'static str,
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) user: Option<i64>,
    pub(super) duration: Duration,
}

/// As many lanes as threads are likely to need.
pub(super) fn lanes() -> Box<[Shard]> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (0..(cores * 2).min(64)).map(|_| Shard::default()).collect()
}

/// The lane of the calling thread.
pub(super) fn own(lanes: &[Shard]) -> &Shard {
    &lanes[LANE.with(|lane| *lane) % lanes.len()]
}

impl Shard {
    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    pub(super) fn add(&mut self, second: u32, answered: Answered<'_>) {
        self.all.hit(second);
        if let Some(user) = answered.user {
            self.signed_in.hit(second);
            self.users.hit(second, user);
        }
        if let Some(route) = self.routes.get_mut(answered.route) {
            return route.add(answered);
        }
        let name = if self.routes.len() < MOST_ROUTES { answered.route } else { "other" };
        self.routes.entry(name.into()).or_default().add(answered);
    }

    /// Adds this lane to the sums of all.
    pub(super) fn add_to(&self, second: u32, routes: &mut BTreeMap<Box<str>, Route>, census: &mut Census) {
        for (name, route) in &self.routes {
            routes.entry(name.clone()).or_default().merge(route);
        }
        self.users.add_to(second, census);
    }
}

/// The counts of one route.
#[derive(Debug, Default)]
pub(super) struct Route {
    /// By method and status; a route has a handful.
    pub(super) outcomes: Vec<(&'static str, u16, u64)>,
    buckets: [u64; BOUNDS_US.len() + 1],
    sum_us: u64,
}

impl Route {
    fn add(&mut self, answered: Answered<'_>) {
        let us = u64::try_from(answered.duration.as_micros()).unwrap_or(u64::MAX);
        self.buckets[BOUNDS_US.partition_point(|&bound| bound < us)] += 1;
        self.sum_us = self.sum_us.saturating_add(us);
        self.count(answered.method, answered.status, 1);
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += theirs;
        }
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        for &(method, status, count) in &other.outcomes {
            self.count(method, status, count);
        }
    }

    fn count(&mut self, method: &'static str, status: u16, count: u64) {
        let known = self.outcomes.iter_mut().find(|known| known.1 == status && known.0 == method);
        match known {
            Some(known) => known.2 += count,
            None => self.outcomes.push((method, status, count)),
        }
    }

    /// How long requests took, in seconds.
    pub(super) fn durations(&self) -> Distribution {
        let bounds = BOUNDS_US.iter().map(|&us| seconds(us)).chain([f64::INFINITY]);
        Distribution {
            count: self.buckets.iter().sum(),
            sum: seconds(self.sum_us),
            buckets: bounds.zip(self.buckets).collect(),
        }
    }
}

fn seconds(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64()
}

/// A client may invent methods, so only the known ones are counted by name.
pub(super) fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
