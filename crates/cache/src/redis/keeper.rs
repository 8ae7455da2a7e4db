//! The one connection, and the task that keeps it: connects, subscribes, looks whether the server still answers, and
//! begins anew when it does not. What others see of it is whether there is a connection now.

mod connection;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisResult};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{interval, sleep, timeout};
use types::{Error, Result};

use super::failure::{self, said};
use crate::topics::{News, Topics};
use connection::{Connection, connect};

/// How long the keeper waits for an answer before it gives the connection up.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a server that nobody asks is asked whether it is there: a connection can die without a sound.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The pauses between attempts to connect; each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// What is wrong with a server whose answer never came.
const SILENT: &str = "it does not answer";
/// Subscriptions that are made with one command.
const BATCH: usize = 256;

/// What the keeper is asked to do.
pub enum Order {
    /// Have the server send what is published here; the answer comes when it does.
    Subscribe(Arc<str>, oneshot::Sender<Result<()>>),
    /// See whether the server still answers.
    Examine,
    /// Connect anew.
    Renew,
}

/// What others hold of the keeper, which ends when this is dropped.
pub struct Link {
    pub topics: Arc<Topics>,
    orders: mpsc::UnboundedSender<Order>,
    state: watch::Receiver<State>,
}

enum State {
    /// The first attempt is not over.
    Untried,
    Connected(MultiplexedConnection),
    /// And why.
    Away(String),
}

impl Link {
    /// The connection, once the first attempt to make one is over.
    pub async fn connection(&self) -> Result<MultiplexedConnection> {
        let mut state = self.state.clone();
        match state.wait_for(|state| !matches!(state, State::Untried)).await.as_deref() {
            Ok(State::Connected(connection)) => Ok(connection.clone()),
            Ok(State::Away(why)) => Err(Error::unavailable(format!("Redis is not there: {why}"))),
            _ => Err(Error::unavailable("Redis is not there: the runtime that kept its connection ended")),
        }
    }

    /// Lost when the keeper is gone with its runtime: then nothing is there to be kept.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

pub struct Keeper {
    client: Client,
    topics: Arc<Topics>,
    orders: mpsc::UnboundedReceiver<Order>,
    leavers: mpsc::UnboundedReceiver<Arc<str>>,
    state: watch::Sender<State>,
    /// How long the next attempt to connect is put off.
    pause: Duration,
    /// Whether the log says that the server is away.
    is_told: bool,
}

/// Why a connection is kept no longer.
enum End {
    /// Nobody holds the cache any more.
    Dropped,
    Lost(String),
}

impl Keeper {
    /// Starts on the runtime that this is called on. Topics that nobody is subscribed to any more come as leavers.
    pub fn start(client: Client, topics: Arc<Topics>, leavers: mpsc::UnboundedReceiver<Arc<str>>) -> Link {
        let (orders, receiver) = mpsc::unbounded_channel();
        let (sender, state) = watch::channel(State::Untried);
        let keeper = Self {
            client,
            topics: topics.clone(),
            orders: receiver,
            leavers,
            state: sender,
            pause: PAUSES.0,
            is_told: false,
        };
        tokio::spawn(keeper.run());
        Link { topics, orders, state }
    }

    async fn run(mut self) {
        loop {
            let why = match self.begin().await {
                Ok(mut connection) => {
                    self.state.send_replace(State::Connected(connection.handle.clone()));
                    match self.keep(&mut connection).await {
                        End::Dropped => return,
                        End::Lost(why) => why,
                    }
                }
                Err(why) => why,
            };
            self.state.send_replace(State::Away(why.clone()));
            if !self.is_told {
                tracing::warn!(error = why, "Redis is not there; what needs it waits or does without");
            }
            self.is_told = true;
            if self.turning_away(sleep(self.pause)).await.is_none() {
                return;
            }
            self.pause = (self.pause * 2).min(PAUSES.1);
        }
    }

    /// Connects, and subscribes to all that somebody here is subscribed to, who then hears of the gap.
    async fn begin(&mut self) -> Result<Connection, String> {
        let is_first = matches!(*self.state.borrow(), State::Untried);
        let attempt = connect(self.client.clone(), self.topics.clone());
        let connection = if is_first {
            // Those who subscribe meanwhile are served right after.
            attempt.await
        } else {
            self.turning_away(attempt).await.ok_or("nobody needs it any more")?
        };
        let mut connection = connection.map_err(|error| said(&error))?;
        let names = self.topics.names();
        for some in names.chunks(BATCH) {
            if let Some(refusal) = subscribed(&mut connection, some).await? {
                tracing::error!(error = %refusal, "Redis lets nobody here hear what others publish");
            }
        }
        for name in &names {
            self.topics.publish(name, News::Missed);
        }
        Ok(connection)
    }

    /// Serves orders until the connection is lost.
    async fn keep(&mut self, connection: &mut Connection) -> End {
        let (mut orders, mut leavers) = (Vec::new(), Vec::new());
        let mut beat = interval(HEARTBEAT);
        beat.tick().await; // the first is due at once
        loop {
            let served = tokio::select! {
                () = connection.closed.notified() => Err("the connection was closed".to_owned()),
                count = self.orders.recv_many(&mut orders, BATCH) => {
                    if count == 0 {
                        // What was published before the end is heard: its answer may run ahead of it.
                        let _ = connection.ping().await;
                        return End::Dropped;
                    }
                    self.serve(connection, orders.drain(..)).await
                }
                _ = self.leavers.recv_many(&mut leavers, BATCH) => {
                    self.leave(connection, leavers.drain(..)).await
                }
                _ = beat.tick() => connection.ping().await.inspect(|()| self.settle()),
            };
            if let Err(why) = served {
                return End::Lost(why);
            }
        }
    }

    async fn serve(
        &self,
        connection: &mut Connection,
        orders: impl Iterator<Item = Order>,
    ) -> Result<(), String> {
        let (mut names, mut waiting, mut is_doubted) = (Vec::new(), Vec::new(), false);
        for order in orders {
            match order {
                Order::Subscribe(name, done) => {
                    names.push(name);
                    waiting.push(done);
                }
                Order::Examine => is_doubted = true,
                Order::Renew => return Err("the server takes no writes".to_owned()),
            }
        }
        if !names.is_empty() {
            let refusal = subscribed(connection, &names).await?;
            for (name, done) in names.iter().zip(waiting) {
                // One who waited too long already thinks itself subscribed.
                if done.send(refusal.clone().map_or(Ok(()), Err)).is_err() {
                    self.topics.publish(name, News::Missed);
                }
            }
        }
        if is_doubted { connection.ping().await } else { Ok(()) }
    }

    /// Whoever subscribes after the look at the topics orders so, and that order is served after this.
    async fn leave(
        &self,
        connection: &mut Connection,
        leavers: impl Iterator<Item = Arc<str>>,
    ) -> Result<(), String> {
        let left: Vec<_> = leavers.filter(|name| !self.topics.has(name)).collect();
        if left.is_empty() { Ok(()) } else { patiently(connection.handle.unsubscribe(words(&left))).await }
    }

    /// A connection that lasted for a while: the next loss is news, and worth a quick attempt. Without the while, a server
    /// that lets us in and throws us out again would fill the log.
    fn settle(&mut self) {
        self.pause = PAUSES.0;
        if self.is_told {
            tracing::info!("Redis answers again");
        }
        self.is_told = false;
    }

    /// Waits for that, and lets nobody wait for a subscription: whoever subscribes now hears of a gap later.
    async fn turning_away<T>(&mut self, awaited: impl Future<Output = T>) -> Option<T> {
        let mut awaited = pin!(awaited);
        loop {
            tokio::select! {
                order = self.orders.recv() => drop(order?),
                Some(_) = self.leavers.recv() => {}
                done = &mut awaited => return Some(done),
            }
        }
    }
}

/// Subscribes, or says why the server will not. That may be because a user's rights do not reach so far, and is no reason
/// to give up the connection: values are none the worse for it.
async fn subscribed(connection: &mut Connection, names: &[Arc<str>]) -> Result<Option<Error>, String> {
    match timeout(PATIENCE, connection.handle.subscribe(words(names))).await {
        Ok(Ok(())) => Ok(None),
        Ok(Err(error)) if failure::is_refusal(&error) => Ok(Some(failure::meaning(&error))),
        Ok(Err(error)) => Err(said(&error)),
        Err(_) => Err(SILENT.to_owned()),
    }
}

fn words(names: &[Arc<str>]) -> Vec<&str> {
    names.iter().map(|name| &**name).collect()
}

/// An answer to the keeper itself, or why there is none.
async fn patiently<T>(answer: impl Future<Output = RedisResult<T>>) -> Result<T, String> {
    match timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(|error| said(&error)),
        Err(_) => Err(SILENT.to_owned()),
    }
}
