//! One process's part in a group of consumers.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::message::{BorrowedMessage, Message};
use types::{Result, Timestamp};

use super::line::Line;
use super::record::Record;
use super::sift::{Heard, sift};
use super::{Kafka, aside};
use crate::pace::{Pace, put_off};
use crate::standing::{Rows, Standing, settle};
use crate::{Consumer, Stream};

/// Records handled at once.
const AT_ONCE: usize = 1_000;
/// And their bytes, about.
const BYTES: usize = 4 << 20;
/// After the first record, a moment for more to come.
const LINGER: Duration = Duration::from_millis(5);
/// How often to look whether the relay has begun, and whether the group goes this way again.
const AGAIN: Duration = Duration::from_secs(1);

/// Delivers to the consumer for as long as it is polled.
pub async fn hear(stream: &Stream, consumer: Arc<dyn Consumer>, kafka: &Kafka) {
    // Once: later, whoever changes the way of the group means it.
    let mut may_settle = true;
    let mut failures = 0;
    loop {
        match session(stream, &*consumer, kafka, &mut may_settle).await {
            Ok(()) => {
                failures = 0;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => {
                failures = put_off(consumer.group(), "facts could not be heard", &error, failures).await;
            }
        }
    }
}

/// Puts the group on its way and handles what comes, until it goes another.
async fn session(
    stream: &Stream,
    consumer: &dyn Consumer,
    kafka: &Kafka,
    may_settle: &mut bool,
) -> Result<()> {
    let Some(relayed) = stream.facts().relayed(consumer.topic()).await? else { return Ok(()) };
    if std::mem::take(may_settle) {
        settle(stream, consumer, relayed.parts).await.inspect_err(|_| *may_settle = true)?;
    }
    if Standing::find(stream, consumer, Rows::Parts).await?.is_none() {
        return Ok(());
    }
    let mut member = Member::join(stream, consumer, kafka).await?;
    let mut pace = Pace::new(consumer.rest(), 1);
    let mut failures = 0;
    loop {
        member.gather().await;
        pace.begin();
        match member.handle().await {
            Ok(Came::On(number)) => {
                failures = 0;
                pace.rest(number, true).await;
            }
            Ok(Came::Parted(parts)) => return settle(stream, consumer, parts).await,
            Ok(Came::Aside) => {
                tracing::warn!(
                    group = consumer.group(),
                    "another process keeps this topic in the table; what comes by Kafka is not handled"
                );
                return Ok(());
            }
            Err(error) => {
                member.standing = None;
                failures = put_off(consumer.group(), "facts could not be handled", &error, failures).await;
            }
        }
    }
}

/// What came of handling.
enum Came {
    /// All of it is done, up to about this number.
    On(i64),
    /// The topic has this number of partitions now.
    Parted(i64),
    /// The group goes another way.
    Aside,
}

struct Member<'s> {
    stream: &'s Stream,
    consumer: &'s dyn Consumer,
    origin: i64,
    name: String,
    line: Line,
    /// None when it leaves.
    client: Option<StreamConsumer<Line>>,
    /// As it is written; nothing when it has to be read again.
    standing: Option<Standing<'s>>,
    heard: Vec<Heard>,
    /// Whether it was said that there are records of another house.
    has_met_others: bool,
}

impl<'s> Member<'s> {
    async fn join(stream: &'s Stream, consumer: &'s dyn Consumer, kafka: &Kafka) -> Result<Self> {
        let mut config = kafka.config();
        config.set("group.id", kafka.address.name(consumer.group())).set("auto.offset.reset", "earliest");
        // Offsets only say where to begin reading, and are written when what they stand for is done.
        config.set("enable.auto.offset.store", "false").set("auto.commit.interval.ms", "1000");
        config.set("session.timeout.ms", "10000").set("fetch.error.backoff.ms", "100");
        config.set("queued.min.messages", "10000").set("queued.max.messages.kbytes", "16384");
        // Whoever has fallen behind by that much would else hear nothing for a second.
        config.set("fetch.queue.backoff.ms", "20");
        let client: StreamConsumer<Line> =
            config.create_with_context(kafka.line.clone()).map_err(|e| kafka.fails(e))?;
        let name = kafka.address.name(consumer.topic());
        client.subscribe(&[&name]).map_err(|e| kafka.fails(e))?;
        let origin = stream.facts().origin(stream.now()).await?;
        let (line, client) = (kafka.line.clone(), Some(client));
        Ok(Self {
            stream,
            consumer,
            origin,
            name,
            line,
            client,
            standing: None,
            heard: Vec::new(),
            has_met_others: false,
        })
    }

    /// Waits for records, unless there are some that are not done.
    async fn gather(&mut self) {
        if self.heard.is_empty() {
            self.hear(1).await;
            // What has come until then is kept when the time is over.
            let _ = tokio::time::timeout(LINGER, self.hear(AT_ONCE)).await;
        }
    }

    /// Takes records as they come, until there are so many, or enough of them.
    async fn hear(&mut self, count: usize) {
        let Self { client: Some(client), heard, line, .. } = self else { return };
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
                    tracing::debug!(group = self.consumer.group(), error = %error, "Kafka cannot be read now");
                    tokio::time::sleep(LINGER).await;
                }
                None => return,
            }
        }
    }

    /// Handles what was heard.
    async fn handle(&mut self) -> Result<Came> {
        let mut done = 0;
        while done < self.heard.len() {
            let Some(standing) = self.standing().await? else { return Ok(Came::Aside) };
            let (mut standing, heard) = (standing, &self.heard[done..]);
            let sifted = sift(standing.at(), self.origin, heard);
            let goes_on = sifted.upto.is_empty() || standing.pass(&sifted.facts, &sifted.upto).await?;
            let goes_on =
                goes_on && (sifted.missing.is_empty() || standing.catch_up(&sifted.missing).await?);
            if !goes_on {
                // Somebody else of this group has moved it, and it is read again.
                continue;
            }
            done += sifted.used;
            self.meets(sifted.of_other_houses);
            if sifted.is_of_others {
                let relayed = self.stream.facts().relayed(self.consumer.topic()).await?;
                let parts = relayed.map(|relayed| relayed.parts);
                if let Some(parts) = parts.filter(|parts| usize::try_from(*parts) != Ok(standing.at().len()))
                {
                    return Ok(Came::Parted(parts));
                }
                // From a relay that did not know yet. The next one says again where it begins.
                done += 1;
            }
            self.standing = Some(standing);
        }
        Ok(Came::On(self.let_go()))
    }

    fn meets(&mut self, records: usize) {
        if records > 0 && !self.has_met_others {
            tracing::warn!(
                topic = self.name,
                "records of another database are passed over; two houses at once each need a prefix of their own"
            );
            self.has_met_others = true;
        }
    }

    async fn standing(&mut self) -> Result<Option<Standing<'s>>> {
        match self.standing.take() {
            Some(standing) => Ok(Some(standing)),
            None => Standing::find(self.stream, self.consumer, Rows::Parts).await,
        }
    }

    /// What was heard is done; up to about which number.
    fn let_go(&mut self) -> i64 {
        let mut ends = std::collections::BTreeMap::new();
        let mut number = 0;
        for heard in self.heard.drain(..) {
            ends.insert(heard.part, heard.offset);
            number = heard.record.map_or(number, |record| number.max(record.spot.number));
        }
        for (part, offset) in ends {
            let Some(client) = &self.client else { continue };
            // A partition that went to another process meanwhile is that one's to note.
            let _ = client.store_offset(&self.name, i32::try_from(part).unwrap_or(i32::MAX), offset);
        }
        number
    }
}

/// Leaving the group takes a moment, and others get the partitions at once.
impl Drop for Member<'_> {
    fn drop(&mut self) {
        let client = self.client.take();
        self.stream.leaving().add(async move {
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
