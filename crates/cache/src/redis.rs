//! Values, counters and broadcast on a Redis server, one command or one transaction a verb.
//!
//! All of them share one connection, that a task of its own keeps (`keeper`). Transactions of plain commands do what
//! scripts would, but for debts: they need no loading, and numbers come back whole (a script's have 53 bits).

mod failure;
mod keeper;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, Cmd, FromRedisValue, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisResult};
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use types::{Error, Result};

use crate::topics::{Subscription, Topics};
use keeper::{Keeper, Link, Order};

/// How long one who asks waits, whatever is wrong.
const DEADLINE: Duration = Duration::from_millis(500);

/// A hundred thousand years: Redis refuses a lifetime whose end is beyond what it can count to.
const LONGEST_MILLIS: u64 = 1 << 51;

/// A debt is kept as the microsecond when it is paid. Adding to it depends on what is there and on the time, which only
/// a script sees at once; such numbers are far below 2^53.
const OWE: &str = "\
    local time = redis.call('TIME') \
    local now = time[1] * 1000000 + time[2] \
    local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + ARGV[1] \
    if paid > now then \
        redis.call('SET', KEYS[1], string.format('%.0f', paid), 'PX', math.ceil((paid - now) / 1000)) \
    end \
    return paid - now";

/// The longest debt: beyond it numbers would no longer be whole.
const LONGEST_DEBT_MICROS: u64 = 1 << 51;

pub struct Redis {
    client: Client,
    prefix: String,
    /// A prefix of topics, which know no numbered databases.
    topics_prefix: String,
    link: OnceLock<Link>,
}

impl Redis {
    pub fn open(url: &str, prefix: &str) -> Result<Self> {
        let refused = |error| Error::internal(format!("cache_url: {}", failure::said(&error)));
        let info = url.into_connection_info().map_err(refused)?;
        // Messages come along with answers, on one connection, in the newer protocol alone.
        let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        // Many small commands share the connection, and none may wait for the next to fill a packet.
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        let client = Client::open(info.set_redis_settings(redis).set_tcp_settings(tcp)).map_err(refused)?;
        let topics_prefix = format!("{prefix}{}:", client.get_connection_info().redis_settings().db());
        Ok(Self { client, prefix: prefix.to_owned(), topics_prefix, link: OnceLock::new() })
    }

    pub async fn ping(&self) -> Result<()> {
        self.ask(&cmd("PING")).await
    }

    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let value: Option<Vec<u8>> = self.ask(cmd("GET").arg(self.key(key))).await?;
        Ok(value.map(Bytes::from))
    }

    pub async fn get_each<const N: usize>(&self, keys: [&str; N]) -> Result<[Option<Bytes>; N]> {
        let values: [Option<Vec<u8>>; N] = self.ask(cmd("MGET").arg(&keys.map(|key| self.key(key)))).await?;
        Ok(values.map(|value| value.map(Bytes::from)))
    }

    pub async fn put(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<()> {
        self.ask(cmd("SET").arg(self.key(key)).arg(value).arg("PX").arg(millis(lifetime))).await
    }

    pub async fn put_new(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool> {
        let mut set = cmd("SET");
        set.arg(self.key(key)).arg(value).arg("NX").arg("PX").arg(millis(lifetime));
        let done: Option<String> = self.ask(&set).await?;
        Ok(done.is_some())
    }

    pub async fn take(&self, key: &str) -> Result<Option<Bytes>> {
        let key = self.key(key);
        let mut both = ::redis::pipe();
        // One command does this since 6.2, and some still run 6.0.
        both.atomic().cmd("GET").arg(&key).cmd("DEL").arg(&key).ignore();
        let (value,): (Option<Vec<u8>>,) = self.ask_all(&both).await?;
        Ok(value.map(Bytes::from))
    }

    pub async fn remove(&self, key: &str) -> Result<bool> {
        let removed: u64 = self.ask(cmd("DEL").arg(self.key(key))).await?;
        Ok(removed > 0)
    }

    pub async fn add(&self, key: &str, by: i64, lifetime: Duration) -> Result<i64> {
        let key = self.key(key);
        let mut both = ::redis::pipe();
        both.atomic();
        both.cmd("SET").arg(&key).arg(0).arg("NX").arg("PX").arg(millis(lifetime)).ignore();
        both.cmd("INCRBY").arg(&key).arg(by);
        let (number,): (i64,) = self.ask_all(&both).await?;
        Ok(number)
    }

    pub async fn owe(&self, key: &str, by: Duration) -> Result<Duration> {
        let by = u64::try_from(by.as_micros()).unwrap_or(u64::MAX).min(LONGEST_DEBT_MICROS);
        let owed: u64 = self.ask(cmd("EVAL").arg(OWE).arg(1).arg(self.key(key)).arg(by)).await?;
        Ok(Duration::from_micros(owed))
    }

    pub async fn publish(&self, topic: &str, message: &[u8]) -> Result<()> {
        let _heard: u64 = self.ask(cmd("PUBLISH").arg(self.topic(topic)).arg(message)).await?;
        Ok(())
    }

    pub async fn subscribe(&self, topic: &str) -> Result<Subscription> {
        let link = self.link();
        let topic = self.topic(topic);
        let subscription = link.topics.subscribe(&topic);
        let (done, mut answer) = oneshot::channel();
        link.order(Order::Subscribe(topic.into(), done));
        let answered = if let Ok(answered) = timeout(DEADLINE, &mut answer).await {
            answered.ok()
        } else {
            // From here on the keeper sees that nobody waits, and tells of a gap once it has subscribed.
            answer.close();
            answer.try_recv().ok()
        };
        match answered {
            // What came before the server's word was published before this returned, and is none of the subscriber's.
            Some(Ok(())) => Ok(subscription.starting_now()),
            Some(Err(refused)) => Err(refused),
            None => Ok(subscription),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.within_deadline(async |mut connection| command.query_async(&mut connection).await).await
    }

    async fn ask_all<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T> {
        self.within_deadline(async |mut connection| commands.query_async(&mut connection).await).await
    }

    async fn within_deadline<T>(
        &self,
        ask: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T> {
        let link = self.link();
        let answer = timeout(DEADLINE, async {
            let connection = link.connection().await?;
            ask(connection).await.map_err(|error| {
                if failure::wants_another_connection(&error) {
                    link.order(Order::Renew);
                }
                failure::meaning(&error)
            })
        });
        answer.await.unwrap_or_else(|_| {
            link.order(Order::Examine);
            Err(Error::unavailable("Redis did not answer in time"))
        })
    }

    fn link(&self) -> &Link {
        self.link.get_or_init(|| {
            let (left, leavers) = mpsc::unbounded_channel();
            Keeper::start(self.client.clone(), Arc::new(Topics::telling(left)), leavers)
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn topic(&self, topic: &str) -> String {
        format!("{}{topic}", self.topics_prefix)
    }
}

fn cmd(name: &'static str) -> Cmd {
    ::redis::cmd(name)
}

fn millis(lifetime: Duration) -> u64 {
    u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX).clamp(1, LONGEST_MILLIS)
}
