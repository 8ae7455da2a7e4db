//! All numbers at one moment, for people and machines alike.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{
    Labels,
    histogram::Distribution,
    process::Process,
    shard::{Counts, Route, Shard},
    users::Census,
    window::{FIRST_SECOND, SPAN},
};

/// How many users are named with their rate.
const BUSIEST: usize = 20;

/// All numbers at one moment. Its JSON is what `/system` answers.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// Time since the metrics were made, which is the start of the process.
    pub uptime_seconds: f64,
    /// Requests and their rates.
    #[serde(flatten)]
    pub requests: Requests,
    /// What the process takes from its machine.
    #[serde(flatten)]
    pub process: Process,
    /// What domains count, by name without `daybook_`.
    #[serde(serialize_with = "by_name")]
    pub gauges: Vec<Named<i64>>,
    /// What domains have counted since the start, by name.
    #[serde(serialize_with = "by_name")]
    pub counters: Vec<Named<u64>>,
    /// What domains have measured since the start, by name.
    #[serde(serialize_with = "by_name")]
    pub histograms: Vec<Named<Distribution>>,
    /// Requests by route.
    pub routes: Vec<RouteNumbers>,
}

/// The name of a number that a domain registered, and what tells it from others of this name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// With `daybook_`.
    pub text: String,
    /// None, where there is only one.
    pub labels: Vec<(&'static str, String)>,
}

impl Name {
    pub(super) fn of(text: &str, labels: Labels) -> Self {
        debug_assert!(text.starts_with("daybook_"), "{text} does not begin with daybook_");
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { text: text.to_owned(), labels }
    }
}

impl fmt::Display for Name {
    /// As Prometheus writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for (at, (name, value)) in self.labels.iter().enumerate() {
            write!(f, "{}{name}={value:?}", if at == 0 { '{' } else { ',' })?;
        }
        f.write_str(if self.labels.is_empty() { "" } else { "}" })
    }
}

/// A number that a domain registered.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// What it is called.
    pub name: Name,
    /// What it is, in a sentence.
    pub help: String,
    /// The number.
    pub value: T,
}

/// Requests and their rates. Rates are over the last 10 whole seconds.
#[derive(Clone, Debug, Serialize)]
pub struct Requests {
    /// Requests answered since the start.
    pub requests_total: u64,
    /// Requests being answered.
    pub requests_in_flight: i64,
    /// Requests a second.
    pub requests_per_second: f64,
    /// Requests a second of the average active user.
    pub requests_per_second_per_user: f64,
    /// Users who asked for something in that time; about, when there are thousands.
    pub active_users: u64,
    /// The busiest users.
    pub busiest_users: Vec<UserRate>,
}

/// How often a user asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserRate {
    /// Whose requests.
    pub user_id: i64,
    /// How many a second.
    pub requests_per_second: f64,
}

/// The numbers of one route.
#[derive(Clone, Debug, Serialize)]
pub struct RouteNumbers {
    /// The pattern of the route.
    pub route: String,
    /// Requests by method and status.
    pub requests: Vec<Outcome>,
    /// How long they took.
    pub duration_seconds: Distribution,
}

/// Requests that ended alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The method, `OTHER` for those nobody knows.
    pub method: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// How many.
    pub count: u64,
}

/// Adds up what the lanes have counted until `second`.
pub(super) fn add_up(lanes: &[Shard], second: u32) -> (Requests, Vec<RouteNumbers>) {
    let mut routes = BTreeMap::new();
    let mut census = Census::new();
    let (mut all, mut signed_in, mut in_flight) = (0, 0, 0);
    for lane in lanes {
        let counts: &Counts = &lane.counts();
        all += counts.all.sum(second);
        signed_in += counts.signed_in.sum(second);
        counts.add_to(second, &mut routes, &mut census);
        in_flight += lane.in_flight.load(std::sync::atomic::Ordering::Relaxed);
    }
    let rate = |count| per_second(count, second);
    let active_users = census.active();
    let busiest = census.busiest(BUSIEST).into_iter();
    let routes: Vec<_> = routes.into_iter().map(|(name, route)| numbers(&name, route)).collect();
    let requests = Requests {
        requests_total: routes.iter().map(|route| route.duration_seconds.count).sum(),
        requests_in_flight: in_flight,
        requests_per_second: rate(all),
        requests_per_second_per_user: rate(signed_in) / precise(active_users.max(1)),
        active_users,
        busiest_users: busiest
            .map(|(user_id, count)| UserRate { user_id, requests_per_second: rate(count) })
            .collect(),
    };
    (requests, routes)
}

fn numbers(name: &str, mut route: Route) -> RouteNumbers {
    route.outcomes.sort_unstable();
    let duration_seconds = route.durations();
    let outcomes = route.outcomes.into_iter();
    let requests = outcomes.map(|(method, status, count)| Outcome { method, status, count }).collect();
    RouteNumbers { route: name.to_owned(), requests, duration_seconds }
}

/// A process younger than the span is measured over its own life.
fn per_second(count: u64, second: u32) -> f64 {
    let lived = second.saturating_sub(FIRST_SECOND).clamp(1, SPAN);
    precise(count) / f64::from(lived)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds are far below 2^53")]
fn precise(count: u64) -> f64 {
    count as f64
}

fn by_name<T: Serialize, S: serde::Serializer>(numbers: &[Named<T>], to: S) -> Result<S::Ok, S::Error> {
    let short = |name: String| name.strip_prefix("daybook_").map(str::to_owned).unwrap_or(name);
    to.collect_map(numbers.iter().map(|number| (short(number.name.to_string()), &number.value)))
}
