//! Feeds the partitions of a topic from the table, in order and as fast as the cluster takes it.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use types::{Result, Timestamp};

use super::flight::{Chunk, Flight, Landed};
use super::line::Line;
use super::record::Spot;
use super::{Kafka, LARGEST, aside};
use crate::pace::put_off;
use crate::standing::{AT_ONCE, PASSED, partition};
use crate::store::{Facts, Relayed};
use crate::wake::Listener;
use crate::{Fact, Stream};

/// After a ring, a moment for more to come.
const LINGER: Duration = Duration::from_millis(5);
/// Records under way at once: enough for the cluster, and little memory.
const MOST: usize = 10_000;
/// Bytes under way at once, in KiB.
const MOST_KIB: &str = "65536";
/// Facts that have landed before the position is written although more are under way.
const WRITTEN: usize = 2_000;
/// How often it is looked whether partitions have to hear that there was nothing for them.
const BEAT: Duration = Duration::from_secs(1);
/// Beats between two such words, while there is something to say.
const WORD: u32 = 2;
/// Beats until it is said again, for a cluster that has lost it.
const REPEATED: u32 = 20;
/// Beats between two renewals of the lease.
const RENEWED: u32 = 3;
/// How long a lease on relaying lasts.
const LEASE: Duration = Duration::from_secs(10);
/// How often somebody who may not relay looks whether that has changed.
const AGAIN: Duration = Duration::from_secs(3);
/// How long what is under way may take to land when the relay stops.
const LANDING: Duration = Duration::from_secs(3);

/// Relays a topic for as long as it is polled. Several processes may do so at once: one has the lease, and if two think
/// that they have, facts are published twice, which consumers notice.
pub async fn relay(stream: &Stream, topic: &str, kafka: &Kafka) {
    let mut relay =
        Relay { stream, topic, kafka, lease: Timestamp::default(), has_begun: false, is_aside: false };
    let mut failures = 0;
    loop {
        match relay.session().await {
            Ok(()) => {
                failures = 0;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => failures = put_off(topic, "facts could not be published", &error, failures).await,
        }
    }
}

struct Relay<'s> {
    stream: &'s Stream,
    topic: &'s str,
    kafka: &'s Kafka,
    /// Until when it is ours.
    lease: Timestamp,
    /// Whether this process has put the topic on its way.
    has_begun: bool,
    /// Whether it was said that another has taken it from there.
    is_aside: bool,
}

impl<'s> Relay<'s> {
    /// Feeds until somebody else does.
    async fn session(&mut self) -> Result<()> {
        if !self.has_lease().await? {
            return Ok(());
        }
        let parts = self.kafka.parts_of(self.topic).await?;
        let Some(written) = self.begin(parts).await? else { return Ok(()) };
        Course::new(self, written, parts).await?.run().await
    }

    /// Where the last relay stopped. A topic is put on this way once: when it is not any more, somebody wants it so.
    async fn begin(&mut self, parts: usize) -> Result<Option<Relayed>> {
        let (facts, parts) = (self.facts(), i64::try_from(parts).unwrap_or(i64::MAX));
        let mut found = facts.relayed(self.topic).await?;
        if found.is_none() && !self.has_begun {
            facts.begin_relay(self.topic, parts).await?;
            found = facts.relayed(self.topic).await?;
        }
        self.has_begun = true;
        let was_aside = std::mem::replace(&mut self.is_aside, found.is_none());
        match found {
            Some(before) if before.parts != parts => {
                facts.repartition(self.topic, before.parts, parts).await?;
                Ok(facts.relayed(self.topic).await?)
            }
            None if !was_aside => {
                tracing::warn!(
                    topic = self.topic,
                    "another process keeps this topic in the table; it is not published"
                );
                Ok(None)
            }
            same => Ok(same),
        }
    }

    /// The number of each partition's last record. Whoever reads it and has no table could not tell a relay that begins with
    /// a higher one from records that were lost.
    async fn last(&self, upto: i64, said: Option<i64>, parts: usize) -> Result<Vec<i64>> {
        let mut seen = said.unwrap_or(upto);
        let mut last = vec![seen; parts];
        while seen < upto {
            let from = seen;
            seen = upto.min(from + AT_ONCE);
            for fact in self.facts().between(self.topic, from, seen).await? {
                last[partition(fact.key, parts)] = fact.number;
            }
        }
        Ok(last)
    }

    /// Whether the lease is ours, taken or renewed. Where there is one process there is none.
    async fn has_lease(&mut self) -> Result<bool> {
        if self.facts().have_one_process() {
            return Ok(true);
        }
        let now = self.stream.now();
        let until = now.plus(LEASE);
        let is_ours = self.facts().lease_relay(self.topic, self.lease, now, until).await?;
        self.lease = if is_ours { until } else { Timestamp::default() };
        Ok(is_ours)
    }

    const fn facts(&self) -> &'s Facts {
        self.stream.facts()
    }
}

/// One relay at work.
struct Course<'r, 's> {
    relay: &'r mut Relay<'s>,
    /// None when it is being flushed.
    producer: Option<ThreadedProducer<Line>>,
    flight: Flight,
    name: String,
    origin: i64,
    written: Relayed,
    /// What has landed and is not written.
    landed: Option<Landed>,
    /// The number up to which facts were handed over.
    sent: i64,
    /// The number of the last record, by partition.
    last: Vec<i64>,
    /// The number that each partition has heard of, as it is written.
    said: i64,
    /// That of the last fact that was handed over.
    told: i64,
    beats: u32,
}

impl<'r, 's> Course<'r, 's> {
    async fn new(relay: &'r mut Relay<'s>, written: Relayed, parts: usize) -> Result<Self> {
        let mut config = relay.kafka.config();
        // Without an end to patience, and in order: a record waits for its broker and those behind it wait with it.
        config.set("enable.idempotence", "true").set("message.timeout.ms", "0");
        // A topic that was deleted under its hands is made again soon.
        config.set("topic.metadata.propagation.max.ms", "5000");
        config.set("queue.buffering.max.kbytes", MOST_KIB).set("compression.type", "lz4");
        let producer = config.create_with_context(relay.kafka.line.clone());
        let origin = relay.facts().origin(relay.stream.now()).await?;
        let said = relay.facts().said(relay.topic).await?;
        let last = relay.last(written.upto, said, parts).await?;
        Ok(Self {
            producer: Some(producer.map_err(|e| relay.kafka.fails(e))?),
            flight: Flight::default(),
            name: relay.kafka.address.name(relay.topic),
            origin,
            written,
            landed: None,
            sent: written.upto,
            told: last.iter().copied().max().unwrap_or(0),
            last,
            said: said.unwrap_or(0),
            beats: 0,
            relay,
        })
    }

    async fn run(mut self) -> Result<()> {
        let look = self.relay.stream.look();
        let (mut listener, mut beat) = (self.relay.stream.listener(), tokio::time::interval(BEAT));
        loop {
            if let Some(error) = self.flight.failure() {
                return Err(self.relay.kafka.fails(error));
            }
            if !self.write().await? {
                return Ok(());
            }
            let has_room = self.flight.records() < MOST;
            if has_room && self.produce().await? {
                // Reads of the embedded engine do not wait for anything, and others have to get on.
                tokio::task::yield_now().await;
                continue;
            }
            tokio::select! {
                () = ring(&mut listener, look), if has_room => {}
                () = self.flight.news() => {}
                _ = beat.tick() => if !self.beat().await? { return Ok(()) },
            }
        }
    }

    /// Hands over what comes next; false when there is nothing.
    async fn produce(&mut self) -> Result<bool> {
        let facts = self.relay.facts();
        let upto = facts.newest().await?.min(self.sent + AT_ONCE);
        if upto <= self.sent {
            return Ok(false);
        }
        let facts = facts.between(self.relay.topic, self.sent, upto).await?;
        let chunk = self.flight.takes_off(upto, facts.len(), facts.len());
        for fact in &facts {
            let part = partition(fact.key, self.last.len());
            self.send(part, fact.number, Some(fact), &chunk).await?;
            self.told = fact.number;
        }
        self.sent = upto;
        Ok(true)
    }

    /// Writes how far all has landed, now and then. False when somebody else has put the topic on another way.
    async fn write(&mut self) -> Result<bool> {
        if let Some(more) = self.flight.landed() {
            self.relay.stream.counts().published(self.relay.topic, more.facts);
            self.landed = Some(more.after(self.landed));
        }
        let Some(Landed { upto, facts, said }) = self.landed else { return Ok(true) };
        // Where there was a fact since, a relay that begins anew would have to look for it.
        let is_said = said > self.said && self.told > self.said;
        let is_due = ((facts > 0 || is_said) && self.flight.records() == 0)
            || facts >= WRITTEN
            || upto - self.written.upto >= PASSED;
        if !is_due || upto < self.written.upto || (upto == self.written.upto && !is_said) {
            return Ok(true);
        }
        if self.relay.facts().move_relay(self.relay.topic, self.written, upto, said).await? {
            (self.written.upto, self.said, self.landed) = (upto, self.said.max(said), None);
            return Ok(true);
        }
        // A second relay has moved it, or it is gone.
        let found = self.relay.facts().relayed(self.relay.topic).await?;
        let goes_on = found.filter(|found| found.parts == self.written.parts);
        self.written = goes_on.unwrap_or(self.written);
        Ok(goes_on.is_some())
    }

    /// Keeps the lease, and tells partitions that there was nothing for them; false when the lease is lost.
    async fn beat(&mut self) -> Result<bool> {
        let (beats, is_first) = (self.beats, self.beats == 0);
        self.beats += 1;
        if beats % RENEWED == RENEWED - 1 && !self.relay.has_lease().await? {
            return Ok(false);
        }
        let to_all = beats % REPEATED == 0;
        let has_word = |last: &i64| to_all || (beats % WORD == 0 && *last < self.sent);
        let parts: Vec<usize> = (0..self.last.len()).filter(|part| has_word(&self.last[*part])).collect();
        if parts.is_empty() || (self.flight.records() >= MOST && !is_first) {
            return Ok(true);
        }
        let chunk = self.flight.says(self.sent, parts.len());
        for part in parts {
            self.send(part, self.sent, None, &chunk).await?;
        }
        Ok(true)
    }

    /// Hands over a record. One that cannot be sent is passed over: the next says that it is missing, and consumers
    /// find it in the table.
    async fn send(
        &mut self,
        part: usize,
        number: i64,
        fact: Option<&Fact>,
        chunk: &Arc<Chunk>,
    ) -> Result<()> {
        let spot = Spot { number, after: self.last[part], of: self.last.len(), origin: self.origin };
        self.last[part] = number;
        let key = fact.map(|fact| fact.key.to_string());
        let payload = match spot.record(fact) {
            Ok(payload) if payload.len() < LARGEST => payload,
            unfit => {
                tracing::warn!(fact = number, error = ?unfit.err(), "a fact cannot be published; consumers read it from the table");
                chunk.lands();
                return Ok(());
            }
        };
        let Some(producer) = &self.producer else { return Ok(()) };
        let mut record = BaseRecord::with_opaque_to(&self.name, chunk.clone()).payload(&payload);
        record = record.partition(i32::try_from(part).unwrap_or(i32::MAX));
        record.key = key.as_ref();
        loop {
            match producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    tokio::time::sleep(LINGER).await;
                }
                Err((error, _)) => return Err(self.relay.kafka.fails(error)),
            }
        }
    }
}

/// What is under way may land, and the next relay goes on from there, at once.
impl Drop for Course<'_, '_> {
    fn drop(&mut self) {
        let Some(producer) = self.producer.take() else { return };
        let (facts, topic) = (self.relay.facts().clone(), self.relay.topic.to_owned());
        let (mut flight, written, before) =
            (std::mem::take(&mut self.flight), self.written, self.landed.take());
        let (lease, now) = (self.relay.lease, self.relay.stream.now());
        self.relay.stream.leaving().add(async move {
            let has_failed = flight.failure().is_some();
            let flush = move || if has_failed { Ok(()) } else { producer.flush(LANDING) };
            let flushed = aside(flush).await;
            tracing::debug!(topic, outcome = ?flushed, "a relay stops");
            if let Some(Landed { upto, said, .. }) = flight.landed().map(|more| more.after(before)).or(before)
            {
                // When it cannot be written, the next relay publishes a little twice.
                let _ = facts.move_relay(&topic, written, upto, said).await;
            }
            if lease > now {
                let _ = facts.lease_relay(&topic, lease, now, Timestamp::default()).await;
            }
        });
    }
}

async fn ring(listener: &mut Listener, look: Duration) {
    listener.wait(look).await;
    tokio::time::sleep(LINGER).await;
}
