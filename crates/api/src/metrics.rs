//! Numbers about the running house, for Prometheus and for people.
//!
//! Counting a request happens on the request's own thread, in the lane of that thread, and takes a fraction of a
//! microsecond. Everything else happens when somebody reads: lanes are added up, gauges asked, `/proc` looked at.

mod histogram;
mod process;
mod shard;
mod snapshot;
mod text;
mod users;
mod window;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use axum::http::Method;
use futures_util::future::{BoxFuture, join_all};
pub use prometheus_client::metrics::counter::Counter;
use tokio::{runtime::Handle, time::timeout};

pub use self::{
    histogram::{Distribution, Histogram},
    process::Process,
    snapshot::{Name, Named, Outcome, Requests, RouteNumbers, Snapshot, UserRate},
    text::open_metrics,
};
use self::{
    process::Meter,
    shard::{Answered, Shard},
    window::FIRST_SECOND,
};

/// Asked for a gauge's value at each reading; `None` when it cannot be told now.
pub type Gauge = Arc<dyn Fn() -> BoxFuture<'static, Option<i64>> + Send + Sync>;

/// A gauge that takes longer is left out, so that one slow database does not blind us to everything else.
const GAUGE_LIMIT: Duration = Duration::from_secs(2);

/// All numbers of one process. Made once, cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    started: Instant,
    lanes: Box<[Shard]>,
    meter: Meter,
    registered: Mutex<Registered>,
}

/// What tells numbers of one name apart: `[("service", "tasks")]`.
pub type Labels<'l> = &'l [(&'static str, &'l str)];

#[derive(Default)]
struct Registered {
    gauges: BTreeMap<Name, (String, Gauge)>,
    counters: BTreeMap<Name, (String, Counter)>,
    histograms: BTreeMap<Name, (String, Histogram)>,
    runtimes: Vec<Handle>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct InFlight<'a> {
    lanes: &'a [Shard],
}

impl Metrics {
    /// Starts counting.
    #[expect(clippy::new_without_default, reason = "counting begins at a moment, not by default")]
    pub fn new() -> Self {
        Self::started_at(Instant::now())
    }

    fn started_at(started: Instant) -> Self {
        let registered = Mutex::default();
        Self {
            inner: Arc::new(Inner { started, lanes: shard::lanes(), meter: Meter::new(started), registered }),
        }
    }

    /// Counts a request that has been answered. `route` is the pattern that matched, never the path itself.
    pub fn request(&self, method: &Method, route: &str, status: u16, user: Option<i64>, duration: Duration) {
        let answered = Answered { method: shard::known(method), route, status, user, duration };
        self.request_at(Instant::now(), answered);
    }

    /// Counts a request as being answered, until the guard is dropped.
    pub fn in_flight(&self) -> InFlight<'_> {
        let lanes = &self.inner.lanes;
        shard::own(lanes).in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight { lanes }
    }

    /// Registers a number that is asked for at each reading. Names begin with `daybook_` and carry their unit.
    pub fn gauge(&self, name: &str, help: &str, read: Gauge) {
        self.gauge_of(name, &[], help, read);
    }

    /// The same for a number of which there are several.
    pub fn gauge_of(&self, name: &str, labels: Labels, help: &str, read: Gauge) {
        self.registered().gauges.insert(Name::of(name, labels), (help.to_owned(), read));
    }

    /// Registers a number that only grows; asked twice for one name, it gives the same counter.
    pub fn counter(&self, name: &str, help: &str) -> Counter {
        self.counter_of(name, &[], help)
    }

    /// The same for a number of which there are several.
    pub fn counter_of(&self, name: &str, labels: Labels, help: &str) -> Counter {
        // The text format adds `_total` itself.
        let name = Name::of(name.strip_suffix("_total").unwrap_or(name), labels);
        let new = || (help.to_owned(), Counter::default());
        self.registered().counters.entry(name).or_insert_with(new).1.clone()
    }

    /// Registers a measure of sizes or durations, with the upper bounds of its buckets in ascending order.
    pub fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let new = || (help.to_owned(), Histogram::new(buckets));
        self.registered().histograms.entry(Name::of(name, &[])).or_insert_with(new).1.clone()
    }

    /// Counts the tasks of this runtime among those alive. Without any, it is the runtime that reads.
    pub fn watch_runtime(&self, runtime: Handle) {
        self.registered().runtimes.push(runtime);
    }

    /// Reads everything.
    pub async fn snapshot(&self) -> Snapshot {
        let gauges = self.read_gauges().await;
        let now = Instant::now();
        let (requests, routes) = snapshot::add_up(&self.inner.lanes, self.second(now));
        let mut process = self.inner.meter.read(now);
        let registered = self.registered();
        process.tokio_tasks = tasks(&registered.runtimes);
        Snapshot {
            uptime_seconds: now.saturating_duration_since(self.inner.started).as_secs_f64(),
            requests,
            process,
            gauges,
            counters: named(&registered.counters, Counter::get),
            histograms: named(&registered.histograms, Histogram::read),
            routes,
        }
    }

    fn request_at(&self, now: Instant, answered: Answered<'_>) {
        let second = self.second(now);
        shard::own(&self.inner.lanes).counts().add(second, answered);
    }

    fn second(&self, now: Instant) -> u32 {
        let passed = now.saturating_duration_since(self.inner.started).as_secs();
        u32::try_from(passed).unwrap_or(u32::MAX / 2) + FIRST_SECOND
    }

    async fn read_gauges(&self) -> Vec<Named<i64>> {
        let gauges = self.registered().gauges.clone();
        let readings = gauges.into_iter().map(|(name, (help, read))| async move {
            let value = timeout(GAUGE_LIMIT, read()).await.ok().flatten()?;
            Some(Named { name, help, value })
        });
        join_all(readings).await.into_iter().flatten().collect()
    }

    fn registered(&self) -> MutexGuard<'_, Registered> {
        self.inner.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        shard::own(self.lanes).in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.gauges.keys().chain(self.counters.keys()).chain(self.histograms.keys());
        f.debug_set().entries(names).finish()
    }
}

fn named<T, V>(all: &BTreeMap<Name, (String, T)>, read: impl Fn(&T) -> V) -> Vec<Named<V>> {
    let each = all.iter();
    each.map(|(name, (help, value))| Named { name: name.clone(), help: help.clone(), value: read(value) })
        .collect()
}

fn tasks(runtimes: &[Handle]) -> Option<u64> {
    let alive = |runtime: &Handle| u64::try_from(runtime.metrics().num_alive_tasks()).unwrap_or_default();
    if runtimes.is_empty() {
        return Handle::try_current().ok().map(|current| alive(&current));
    }
    Some(runtimes.iter().map(alive).sum())
}
