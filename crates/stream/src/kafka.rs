//! A topic on Kafka. The table stays the truth: a relay reads it by number and feeds the partitions, groups of consumers
//! read those, and each position is a number of the table.
//!
//! Every record says after which number it comes in its partition. So whoever misses something, because the cluster lost
//! it or the relay began later, sees that at the next record and reads it from the table; whoever hears something twice,
//! because two relays were at work or one repeated what was not acknowledged, sees that by its number.

mod ear;
mod ferry;
mod flight;
mod line;
mod member;
mod record;
mod relay;
mod sift;

use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::KafkaError;
use tokio::sync::oneshot;
use types::{Error, Result};

use crate::way::Address;
use line::Line;

pub use ferry::{Age, Ferry, LAID, bring};
pub use member::hear;
pub use relay::relay;

/// How long the cluster may take to say what there is.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it may take to say that it is there.
const PING: Duration = Duration::from_millis(1_500);
/// Copies of what is published, where there are brokers enough.
const COPIES: usize = 3;
/// The largest record: a fact is no larger than the body of a request.
const LARGEST: usize = 16 << 20;
/// How often a topic that was just made is looked for.
const LOOKS: u32 = 20;
/// And how long in between.
const LOOK: Duration = Duration::from_millis(100);

/// A cluster. Cheap to clone.
#[derive(Clone)]
pub struct Kafka {
    address: Address,
    /// Partitions of topics that are made.
    parts: i32,
    line: Line,
    admin: Arc<AdminClient<Line>>,
}

/// What the cluster says of itself.
struct Told {
    brokers: usize,
    /// The partitions of the topic that was asked for; none if there is no such topic.
    parts: Option<usize>,
}

impl Kafka {
    /// The cluster at this address, which need not answer yet.
    pub fn open(address: Address, parts: u16) -> Result<Self> {
        let line = Line::new(&address.brokers);
        let admin = config(&address).create_with_context(line.clone()).map_err(|e| broken(&address, e))?;
        Ok(Self { address, parts: parts.into(), line, admin: Arc::new(admin) })
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        self.ask(None, PING).await.map(drop)
    }

    /// How many partitions this topic of ours has. It is made if there is none.
    async fn parts_of(&self, topic: &str) -> Result<usize> {
        let name = self.address.name(topic);
        for _ in 0..LOOKS {
            let told = self.ask(Some(name.clone()), PATIENCE).await?;
            if let Some(parts) = told.parts {
                return Ok(parts);
            }
            self.make(&name, told.brokers.clamp(1, COPIES)).await?;
            tokio::time::sleep(LOOK).await;
        }
        Err(Error::unavailable(format!("{}: topic {name} cannot be made", self.address.brokers)))
    }

    /// How many partitions it has by now, when a record tells that there are so many: one broker may know later than another.
    async fn parts_by_now(&self, topic: &str, told: usize) -> Result<usize> {
        let name = self.address.name(topic);
        let mut parts = 0;
        for _ in 0..LOOKS {
            parts = self.ask(Some(name.clone()), PATIENCE).await?.parts.unwrap_or(0);
            if parts >= told {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(parts)
    }

    async fn make(&self, name: &str, copies: usize) -> Result<()> {
        let all = TopicReplication::Fixed(i32::try_from(copies).unwrap_or(1));
        // With three copies one may be away; with fewer, none can be spared without losing one's word.
        let least = if copies >= COPIES { "2" } else { "1" };
        let largest = LARGEST.to_string();
        let topic = NewTopic::new(name, self.parts, all)
            .set("max.message.bytes", &largest)
            .set("min.insync.replicas", least);
        let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
        let made = self.admin.create_topics([&topic], &options).await.map_err(|e| self.fails(e))?;
        for failed in made.into_iter().filter_map(Result::err) {
            // Also when it was made by somebody else meanwhile: it is looked for once more.
            tracing::debug!(topic = name, error = %failed.1, "a topic was not made");
        }
        Ok(())
    }

    async fn ask(&self, topic: Option<String>, patience: Duration) -> Result<Told> {
        let admin = self.admin.clone();
        let told = aside(move || {
            // All topics: to ask for one that is not there makes it, with settings that are not ours.
            let metadata = admin.inner().fetch_metadata(None, patience)?;
            let ours = metadata.topics().iter().find(|found| Some(found.name()) == topic.as_deref());
            let parts = ours.map(|topic| topic.partitions().len()).filter(|parts| *parts > 0);
            Ok::<_, KafkaError>(Told { brokers: metadata.brokers().len(), parts })
        });
        match told.await? {
            Ok(told) => {
                self.line.works();
                Ok(told)
            }
            Err(error) => {
                self.line.fails(&error.to_string());
                Err(self.fails(error))
            }
        }
    }

    fn config(&self) -> ClientConfig {
        config(&self.address)
    }

    fn fails(&self, error: KafkaError) -> Error {
        broken(&self.address, error)
    }
}

/// What all clients of a cluster have in common.
fn config(address: &Address) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &address.brokers).set("client.id", "daybook");
    // A broker that is back is noticed at once, and so is a topic that was made anew.
    config.set("reconnect.backoff.max.ms", "1000").set("topic.metadata.refresh.interval.ms", "10000");
    config.set("message.max.bytes", LARGEST.to_string());
    config.set("receive.message.max.bytes", (4 * LARGEST).to_string());
    config
}

fn broken(address: &Address, error: KafkaError) -> Error {
    Error::unavailable_by(format!("Kafka at {} cannot do it now", address.brokers), error)
}

/// Does what blocks on a thread of its own, which goes on if nobody waits for it any more.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (reply, answer) = oneshot::channel();
    let work = move || drop(reply.send(work()));
    let started = std::thread::Builder::new().name("kafka".into()).spawn(work);
    started.map_err(|e| Error::internal_by("a thread cannot be started", e))?;
    answer.await.map_err(|e| Error::internal_by("a thread has ended early", e))
}
