//! The ways of facts: brokers for the topics that do not stay in the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::metrics::{Counter, Metrics};
use futures_util::FutureExt;
use stream::{Count, Counts, Ferry, Kafka, Lag, Stream, Way};
use types::{Error, Ids, Result};

use super::groups;
use crate::config::{Config, Url};
use crate::domains::{self, ALL, Domain, Foreign, Topic};

/// The clusters that these domains' topics go by, by URL.
#[derive(Clone, Default)]
pub struct Brokers(BTreeMap<String, Kafka>);

impl Brokers {
    /// Opens what is set. None of them need answer yet: facts wait in the table.
    pub fn open<'d>(config: &Config, domains: impl IntoIterator<Item = &'d Domain>) -> Result<Self> {
        let mut all = BTreeMap::new();
        let heard =
            |domain: &Domain, topic: &Topic| domain.hears.iter().any(|hears| hears.topic == topic.name);
        let of = |domain: &'d Domain| {
            let topics = ALL.iter().flat_map(|domain| domain.topics);
            topics.filter(|topic| heard(domain, topic)).chain(domain.topics)
        };
        for topic in domains.into_iter().flat_map(of) {
            let url = url(config, topic);
            let way = Way::parse(url.as_str());
            let way = way.map_err(|expected| Error::internal(format!("{url} is not {expected}")))?;
            if let (Way::Kafka(address), false) = (way, all.contains_key(url.as_str())) {
                all.insert(url.as_str().to_owned(), Kafka::open(address, config.stream.partitions)?);
            }
        }
        Ok(Self(all))
    }

    /// The cluster of this topic, unless it stays in the table.
    pub fn of(&self, config: &Config, topic: &Topic) -> Option<Kafka> {
        self.0.get(url(config, topic).as_str()).cloned()
    }

    /// All of them, by URL, which has no password.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Kafka)> {
        self.0.iter().map(|(url, kafka)| (url.as_str(), kafka))
    }
}

/// Puts the topics of the domains of one database on their ways, and has those counted that are on them. What is told in
/// another one is brought here, under new ids.
pub fn set(
    config: &Config,
    brokers: &Brokers,
    stream: Stream,
    (domains, ids): (&[&Domain], &Ids),
    metrics: &Metrics,
) -> Stream {
    let told: Vec<&Topic> = domains.iter().flat_map(|domain| domain.topics).collect();
    let heard = domains::foreign(domains);
    let mut stream = stream.counted(counts(metrics, &told, &heard));
    for topic in told {
        let Some(kafka) = brokers.of(config, topic) else { continue };
        stream = stream.by(topic.name, kafka);
        watch(metrics, &stream, topic.name);
    }
    let roles: Vec<&str> = domains.iter().map(|domain| domain.role).collect();
    for Foreign { topic, kinds, .. } in heard {
        let Some(kafka) = brokers.of(config, topic) else { continue };
        // Roles name a database: each has one.
        let group = format!("ferry.{}.{}", roles.join("+"), topic.name);
        let ferry = Ferry::new(kafka, group, kinds, ids.clone());
        show_lag(metrics, ferry.clone());
        stream = stream.bringing(topic.name, ferry);
    }
    stream
}

/// What is to be said of topics that do not come to those who hear them, since they have a database of their own.
pub fn unheard<'d>(
    config: &Config,
    databases: impl IntoIterator<Item = &'d Vec<&'static Domain>>,
) -> Vec<String> {
    let mut deaf: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
    for Foreign { topic, teller, hearers, .. } in
        databases.into_iter().flat_map(|domains| domains::foreign(domains))
    {
        // Everything but the table leaves its database.
        if matches!(Way::parse(url(config, topic).as_str()), Ok(Way::Table)) {
            deaf.entry(topic.name).or_insert((teller, Vec::new())).1.extend(hearers);
        }
    }
    let said = deaf.into_iter().map(|(topic, (teller, hearers))| {
        let hearers = hearers.join(", ");
        format!(
            "stream.{topic}: what {teller} tells stays in the table of its database, and never comes to that of {hearers}; \
             set it to kafka://…, or give them one database"
        )
    });
    said.collect()
}

/// Shows how many records a ferry has before it.
fn show_lag(metrics: &Metrics, ferry: Ferry) {
    let group = ferry.group().to_owned();
    let read = move || std::future::ready(Some(ferry.lag())).boxed();
    metrics.gauge_of("daybook_stream_lag", &[("group", &group)], groups::LAG, Arc::new(read));
}

/// Shows what waits for the broker.
fn watch(metrics: &Metrics, stream: &Stream, topic: &'static str) {
    let gauge = |name: &str, help: &str, of: fn(Lag) -> i64| {
        let stream = stream.clone();
        let read = move || {
            let stream = stream.clone();
            async move { stream.unpublished(topic).await.ok().flatten().map(of) }.boxed()
        };
        metrics.gauge_of(name, &[("topic", topic)], help, Arc::new(read));
    };
    gauge("daybook_stream_unpublished", "Facts that wait for their broker", |lag| lag.facts);
    let seconds = |lag: Lag| i64::try_from(lag.age.as_secs()).unwrap_or(i64::MAX);
    gauge("daybook_stream_unpublished_oldest_seconds", "How long the oldest of them has waited", seconds);
}

fn url<'c>(config: &'c Config, topic: &Topic) -> &'c Url {
    let own = (topic.way)(config);
    if own.is_empty() { &config.stream.default } else { own }
}

/// Counts facts on their way, topic by topic.
fn counts(metrics: &Metrics, told: &[&Topic], heard: &[Foreign]) -> Counts {
    let told: Vec<&'static str> = told.iter().map(|topic| topic.name).collect();
    let heard: Vec<&'static str> = heard.iter().map(|foreign| foreign.topic.name).collect();
    let count = |topics: &[&'static str], name: &str, help: &str| -> Count {
        let of = |topic: &&'static str| (*topic, metrics.counter_of(name, &[("topic", topic)], help));
        let all: BTreeMap<&'static str, Counter> = topics.iter().map(of).collect();
        Arc::new(move |topic, facts| {
            if let Some(counter) = all.get(topic) {
                counter.inc_by(facts);
            }
        })
    };
    Counts {
        published: Some(count(
            &told,
            "daybook_stream_published_total",
            "Facts that brokers have acknowledged",
        )),
        consumed: Some(count(
            &[told.as_slice(), &heard].concat(),
            "daybook_stream_consumed_total",
            "Facts that were handled, by each group that hears them",
        )),
        missing: Some(count(
            &heard,
            "daybook_stream_missing_total",
            "Numbers of facts of another database that its broker no longer had",
        )),
    }
}

#[cfg(test)]
mod tests {
    use types::SystemClock;

    use super::super::{House, doors};
    use crate::config::Sources;
    use crate::domains::Roles;

    use super::*;

    async fn opened(more: &[(&str, &str)]) -> House {
        let env = [("DAYBOOK_DATABASE_URL", "memory"), ("DAYBOOK_LISTEN", "127.0.0.1:0")];
        let env = env.iter().chain([&("DAYBOOK_SYSTEM_LISTEN", "127.0.0.1:0")]).chain(more);
        let env = env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let data = tempfile::tempdir().unwrap();
        let config = Config::load(Sources { file: None, dir: data.path().to_owned(), env }).unwrap();
        House::open(config, Roles::named(&[]).unwrap(), Arc::new(SystemClock)).await.unwrap()
    }

    #[test]
    fn domains_say_what_their_consumers_hear_of_others() {
        testkit::run(async {
            let house = opened(&[]).await;
            let mut heard = 0;
            for (role, consumer) in doors::consumers(&house.parts) {
                let domain = ALL.iter().find(|domain| domain.role == role).unwrap();
                if domain.topics.iter().any(|topic| topic.name == consumer.topic()) {
                    continue;
                }
                let said = domain.hears.iter().find(|hears| hears.topic == consumer.topic());
                let said =
                    said.unwrap_or_else(|| panic!("{role} does not say that it hears {}", consumer.topic()));
                let kinds = consumer.kinds().expect("what comes from afar is named");
                assert!(kinds.iter().all(|kind| said.kinds.contains(kind)), "{role}: {kinds:?}");
                heard += 1;
            }
            assert_eq!(heard, 3);
            house.close().await;
        });
    }

    #[test]
    fn a_topic_is_published_where_it_is_told_and_brought_where_it_is_heard() {
        testkit::run(async {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("tasks.db").display());
            let kafka = format!("kafka://127.0.0.1:{}", testkit::free_port());
            let house =
                opened(&[("DAYBOOK_TASKS_DATABASE_URL", &url), ("DAYBOOK_STREAM_DEFAULT", &kafka)]).await;
            let ways = |role: &str| {
                let stream = &house.stores.of(role).unwrap().stream;
                let topics = ALL.iter().flat_map(|domain| domain.topics).map(|topic| topic.name);
                let published: Vec<&str> = topics.filter(|topic| stream.goes_by_broker(topic)).collect();
                let brought: Vec<String> =
                    stream.brought().map(|(topic, ferry)| format!("{topic} by {}", ferry.group())).collect();
                (published, brought)
            };
            assert_eq!(ways("tasks"), (vec!["tasks"], vec!["accounts by ferry.tasks.accounts".to_owned()]));
            assert_eq!(ways("identity"), (vec!["accounts", "messages", "jobs"], vec![]));
            house.close().await;
        });
    }
}
