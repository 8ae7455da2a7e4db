//! Hearing one topic as a member of a group on the cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use rdkafka::Offset;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::message::{BorrowedMessage, Message};
use types::{Result, Timestamp};

use super::line::Line;
use super::record::Record;
use super::sift::Heard;
use super::{Kafka, aside};
use crate::leaving::Leaving;

/// Records handled at once.
const AT_ONCE: usize = 1_000;
/// And their bytes, about.
const BYTES: usize = 4 << 20;
/// After the first record, a moment for more to come.
const LINGER: Duration = Duration::from_millis(5);
/// How often the client library says how far behind it is, in milliseconds, to those who ask.
const LAGS: &str = "5000";

/// One process's part in a group there.
pub struct Ear {
    group: String,
    topic: String,
    line: Line,
    /// None when it leaves.
    client: Option<StreamConsumer<Line>>,
    leaving: Leaving,
    /// What has come and is not done.
    pub heard: Vec<Heard>,
    /// Whether it was said that there are records of another house.
    has_met_others: bool,
}

impl Ear {
    /// Joins this group of ours on this topic of ours. One with a lag says on its line how far behind it is.
    pub fn join(kafka: &Kafka, group: &str, topic: &str, line: Line, leaving: &Leaving) -> Result<Self> {
        let (group, topic) = (kafka.address.name(group), kafka.address.name(topic));
        let mut config = kafka.config();
        config.set("group.id", &group).set("auto.offset.reset", "earliest");
        // Offsets only say where to begin reading, and are written when what they stand for is done.
        config.set("enable.auto.offset.store", "false").set("auto.commit.interval.ms", "1000");
        config.set("session.timeout.ms", "10000").set("fetch.error.backoff.ms", "100");
        config.set("queued.min.messages", "10000").set("queued.max.messages.kbytes", "16384");
        // Whoever has fallen behind by that much would else hear nothing for a second.
        config.set("fetch.queue.backoff.ms", "20");
        if line.lags() {
            config.set("statistics.interval.ms", LAGS);
        }
        let client: StreamConsumer<Line> =
            config.create_with_context(line.clone()).map_err(|e| kafka.fails(e))?;
        client.subscribe(&[&topic]).map_err(|e| kafka.fails(e))?;
        let (client, leaving, heard) = (Some(client), leaving.clone(), Vec::new());
        Ok(Self { group, topic, line, client, leaving, heard, has_met_others: false })
    }

    /// Waits for records, unless there are some that are not done.
    pub async fn gather(&mut self) {
        if self.heard.is_empty() {
            self.hear(1).await;
            // What has come until then is kept when the time is over.
            let _ = tokio::time::timeout(LINGER, self.hear(AT_ONCE)).await;
        }
    }

    /// Takes records as they come, until there are so many, or enough of them.
    async fn hear(&mut self, count: usize) {
        let Self { client: Some(client), heard, line, group, .. } = self else { return };
        let mut coming = client.stream();
        let mut bytes = 0;
        while heard.len() < count && bytes < BYTES {
            match coming.next().await {
                Some(Ok(message)) => {
                    line.works();
                    bytes += message.payload_len();
                    heard.push(Heard::from(&message));
                }
                Some(Err(error)) => {
                    // It goes on trying by itself, but not so that a core is busy with nothing else.
                    tracing::debug!(group, error = %error, "Kafka cannot be read now");
                    tokio::time::sleep(LINGER).await;
                }
                None => return,
            }
        }
    }

    /// So many records of another database were passed over.
    pub fn meets(&mut self, records: usize) {
        if records > 0 && !self.has_met_others {
            tracing::warn!(
                topic = self.topic,
                "records of another database are passed over; two houses at once each need a prefix of their own"
            );
            self.has_met_others = true;
        }
    }

    /// So many of what was heard are done; up to about which number.
    pub fn let_go(&mut self, done: usize) -> i64 {
        let mut ends = BTreeMap::new();
        let mut number = 0;
        for heard in self.heard.drain(..done) {
            ends.insert(heard.part, heard.offset);
            number = heard.record.map_or(number, |record| number.max(record.spot.number));
        }
        for (part, offset) in ends {
            let Some(client) = &self.client else { continue };
            // A partition that went to another process meanwhile is that one's to note.
            let _ = client.store_offset(&self.topic, i32::try_from(part).unwrap_or(i32::MAX), offset);
        }
        number
    }

    /// Hears this partition again from the earliest record that the cluster still has. False when that cannot be, now or
    /// because it is another process's by now.
    pub fn rewind(&mut self, part: usize) -> bool {
        self.heard.retain(|heard| heard.part != part);
        let Some(client) = &self.client else { return false };
        let (partition, at_once) = (i32::try_from(part).unwrap_or(i32::MAX), Duration::ZERO);
        client.seek(&self.topic, partition, Offset::Beginning, at_once).is_ok()
    }
}

/// Leaving the group takes a moment, and others get the partitions at once.
impl Drop for Ear {
    fn drop(&mut self) {
        let client = self.client.take();
        self.leaving.add(async move {
            let left = aside(move || drop(client)).await;
            tracing::debug!(outcome = ?left, "a consumer leaves its group");
        });
    }
}

impl From<&BorrowedMessage<'_>> for Heard {
    fn from(message: &BorrowedMessage<'_>) -> Self {
        let published_at = message.timestamp().to_millis().map(Timestamp::from_millis);
        let record = Record::read(message.payload().unwrap_or_default(), published_at);
        let not_ours = |error: &serde_json::Error| {
            tracing::warn!(topic = message.topic(), offset = message.offset(), error = %error, "a record is not ours");
        };
        Self {
            part: usize::try_from(message.partition()).unwrap_or(0),
            offset: message.offset(),
            record: record.inspect_err(not_ours).ok(),
        }
    }
}
