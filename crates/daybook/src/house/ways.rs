//! The ways of facts: brokers for the topics that do not stay in the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::metrics::{Counter, Metrics};
use futures_util::FutureExt;
use stream::{Count, Counts, Kafka, Lag, Stream, Way};
use types::{Error, Result};

use crate::config::{Config, Url};
use crate::domains::{Domain, Topic};

/// The clusters that these domains' topics go by, by URL.
#[derive(Clone, Default)]
pub struct Brokers(BTreeMap<String, Kafka>);

impl Brokers {
    /// Opens what is set. None of them need answer yet: facts wait in the table.
    pub fn open<'d>(config: &Config, domains: impl IntoIterator<Item = &'d Domain>) -> Result<Self> {
        let mut all = BTreeMap::new();
        for topic in domains.into_iter().flat_map(|domain| domain.topics) {
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

/// Puts the topics of these domains on their ways, and has those counted that are on them.
pub fn set(
    config: &Config,
    brokers: &Brokers,
    stream: Stream,
    domains: &[&Domain],
    metrics: &Metrics,
) -> Stream {
    let topics: Vec<&Topic> = domains.iter().flat_map(|domain| domain.topics).collect();
    let stream = stream.counted(counts(metrics, &topics));
    let by_broker = topics.into_iter().filter_map(|topic| Some((topic.name, brokers.of(config, topic)?)));
    by_broker.fold(stream, |stream, (topic, kafka)| {
        let stream = stream.by(topic, kafka);
        watch(metrics, &stream, topic);
        stream
    })
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
fn counts(metrics: &Metrics, topics: &[&Topic]) -> Counts {
    let count = |name: &str, help: &str| -> Count {
        let of = |topic: &&Topic| (topic.name, metrics.counter_of(name, &[("topic", topic.name)], help));
        let all: BTreeMap<&'static str, Counter> = topics.iter().map(of).collect();
        Arc::new(move |topic, facts| {
            if let Some(counter) = all.get(topic) {
                counter.inc_by(facts);
            }
        })
    };
    Counts {
        published: Some(count("daybook_stream_published_total", "Facts that brokers have acknowledged")),
        consumed: Some(count(
            "daybook_stream_consumed_total",
            "Facts that were handled, by each group that hears them",
        )),
    }
}
