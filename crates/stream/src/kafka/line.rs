//! What the client library says of its connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::{ClientContext, Statistics};

use super::flight::Chunk;

/// The line to a cluster, which all its clients share: that it is dead is said once, and once that it is not.
#[derive(Clone)]
pub struct Line {
    at: Arc<str>,
    is_dead: Arc<AtomicBool>,
    /// Where it is noted how many records one client on it has not handled.
    lag: Option<Arc<AtomicI64>>,
}

impl Line {
    /// A line that works as far as is known.
    pub fn new(brokers: &str) -> Self {
        Self { at: brokers.into(), is_dead: Arc::default(), lag: None }
    }

    /// The same for a client that notes here how many records it has not handled.
    pub fn lagging(&self, lag: Arc<AtomicI64>) -> Self {
        Self { lag: Some(lag), ..self.clone() }
    }

    /// Whether that is asked.
    pub const fn lags(&self) -> bool {
        self.lag.is_some()
    }

    /// Something has come through.
    pub fn works(&self) {
        // Looked at first: this is said for every record.
        if self.is_dead.load(Ordering::Relaxed) && self.is_dead.swap(false, Ordering::Relaxed) {
            tracing::info!(brokers = &*self.at, "Kafka answers again");
        }
    }

    /// Nothing does.
    pub fn fails(&self, reason: &str) {
        if !self.is_dead.swap(true, Ordering::Relaxed) {
            tracing::warn!(brokers = &*self.at, reason, "Kafka does not answer; facts wait in the table");
        }
    }
}

impl ClientContext for Line {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        use RDKafkaLogLevel::{Alert, Critical, Emerg};
        // It logs every try to connect, from each of its threads.
        match level {
            Emerg | Alert | Critical => tracing::error!(facility, message, "Kafka's client is in trouble"),
            _ => tracing::debug!(facility, message, "Kafka's client"),
        }
    }

    fn stats(&self, said: Statistics) {
        let Some(lag) = &self.lag else { return };
        let parts = said.topics.values().flat_map(|topic| topic.partitions.values());
        // Of partitions that others have it knows nothing, and says so by a number below zero.
        lag.store(parts.map(|part| part.consumer_lag_stored.max(0)).sum(), Ordering::Relaxed);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.fails(reason);
        } else {
            tracing::debug!(error = %error, reason, "Kafka's client reports an error");
        }
    }
}

impl ConsumerContext for Line {}

impl ProducerContext for Line {
    type DeliveryOpaque = Arc<Chunk>;

    fn delivery(&self, result: &DeliveryResult<'_>, chunk: Arc<Chunk>) {
        match result {
            Ok(_) => {
                self.works();
                chunk.lands();
            }
            Err((error, _)) => chunk.fails(error),
        }
    }
}
