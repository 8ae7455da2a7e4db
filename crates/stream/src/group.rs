//! Groups of consumers: who is told what, and in which order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cache::Cache;
use db::{Along, Db};
use futures_util::future::{BoxFuture, join_all};
use types::facts::Tell;
use types::{Clock, Ids, Result, Timestamp};

use crate::kafka::{Ferry, Kafka, bring, hear, relay};
use crate::leaving::Leaving;
use crate::pace::{Linger, Pace, put_off};
use crate::reader::{Came, Reader};
use crate::standing::{attempt, settle};
use crate::store::{self, Facts, Place};
use crate::tail::Tail;
use crate::wake::{Bell, Listener};
use crate::{Afar, Counts, Fact, Feed, Follow, Parked, Teller, sequencer};

/// How long facts are kept that everybody has passed, when nobody says.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// Who may listen to one key at once, when nobody says.
const LISTENERS: usize = 16_384;
/// After a ring, how long facts gather before they are looked at for a run of keys.
const GATHER: Duration = Duration::from_millis(200);
/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);
/// How often a group that goes another way looks whether it still does.
const AGAIN: Duration = Duration::from_secs(3);
/// How often runs of keys are looked for all the same: whoever else writes here looks too.
const SELDOM: Duration = Duration::from_mins(10);
/// How much longer a group rests that catches up with what is older than the facts, and for how many each fact counts that
/// others tell meanwhile: nobody waits for that at all.
const UNHURRIED: u32 = 5;

/// What processes ring for each other when facts are numbered.
const NUMBERED: &str = "stream_numbered";

/// What is said when a handler fails.
const HANDLED: &str = "facts could not be handled";

/// Kinds of facts of one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hears {
    /// The topic.
    pub topic: &'static str,
    /// The kinds.
    pub kinds: &'static [&'static str],
}

impl Hears {
    /// This one kind.
    pub const fn of<T: Tell>() -> Self {
        Self { topic: T::TOPIC, kinds: const { &[T::KIND] } }
    }
}

/// A group's one handler of a topic.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// The group's name, the same for ever: its position is kept under it.
    fn group(&self) -> &'static str;

    /// The topic it hears.
    fn topic(&self) -> &'static str;

    /// The kinds of facts that it hears of it; all of them, when it names none.
    fn kinds(&self) -> Option<&'static [&'static str]> {
        None
    }

    /// Does what follows from these facts, in order, in one transaction with `along`. A handler with nothing to write
    /// drops `along`. An error that may pass is tried again; any other sets the fact aside that it belongs to.
    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()>;

    /// How many times as long as it worked it rests while more is waiting, and as much longer as others write: for work
    /// that nobody may feel.
    fn rest(&self) -> u32 {
        0
    }

    /// Beside the facts, a piece of what is older than they are; false when there is no more of it.
    async fn catch_up(&self) -> Result<bool> {
        Ok(false)
    }
}

/// The facts of one database. Cheap to clone.
#[derive(Clone)]
pub struct Stream {
    facts: Facts,
    clock: Arc<dyn Clock>,
    /// Rung when facts are committed, and when they can be read: the same where they are born numbered.
    told: Bell,
    readable: Bell,
    tail: Tail,
    kept: Duration,
    /// By which other processes hear at once that there are new facts.
    afar: Option<Afar>,
    /// By topic; all others go by the table.
    kafkas: BTreeMap<&'static str, Kafka>,
    /// By topic that is told in another database.
    ferries: BTreeMap<&'static str, Ferry>,
    counts: Counts,
    leaving: Leaving,
}

impl Stream {
    /// The facts in this database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        let facts = Facts::new(db);
        let told = Bell::default();
        let readable = if facts.are_born_numbered() { told.clone() } else { Bell::default() };
        let (tail, kafkas, ferries) = (Tail::new(LISTENERS), BTreeMap::new(), BTreeMap::new());
        let (counts, leaving) = (Counts::default(), Leaving::default());
        Self { facts, clock, told, readable, tail, kept: KEPT, afar: None, kafkas, ferries, counts, leaving }
    }

    /// The same, but facts that every group has passed are kept for so long.
    #[must_use]
    pub fn keeping(self, kept: Duration) -> Self {
        Self { kept, ..self }
    }

    /// The same, but so many may listen to one key at once.
    #[must_use]
    pub fn heard_by(self, most: usize) -> Self {
        Self { tail: Tail::new(most), ..self }
    }

    /// The same, but other processes on its database hear at once of new facts: through this, if they share it, or by the
    /// database, if it can.
    #[must_use]
    pub fn heard_afar(self, cache: &Cache) -> Self {
        Self { afar: self.facts.afar(cache), ..self }
    }

    /// The same, but the facts of this topic go by Kafka.
    #[must_use]
    pub fn by(mut self, topic: &'static str, kafka: Kafka) -> Self {
        self.kafkas.insert(topic, kafka);
        self
    }

    /// The same, but facts of this topic, which another database tells, are brought here when somebody hears them. They
    /// are its own then, but that it publishes none of them.
    #[must_use]
    pub fn bringing(mut self, topic: &'static str, ferry: Ferry) -> Self {
        self.ferries.insert(topic, ferry);
        self
    }

    /// The same, but facts on their way are counted.
    #[must_use]
    pub fn counted(self, counts: Counts) -> Self {
        Self { counts, ..self }
    }

    /// Whether the facts of this topic go by a broker.
    pub fn goes_by_broker(&self, topic: &str) -> bool {
        self.kafkas.contains_key(topic)
    }

    /// The topics that are brought here.
    pub fn brought(&self) -> impl Iterator<Item = (&'static str, &Ferry)> {
        self.ferries.iter().map(|(topic, ferry)| (*topic, ferry))
    }

    /// What services tell facts with.
    pub fn teller(&self, ids: Ids) -> Teller {
        Teller::new(ids, self.clock.clone(), self.told.clone())
    }

    /// Numbers and delivers for as long as it is polled. It may be dropped at any moment: an effect and its
    /// position are one commit.
    pub async fn run(&self, consumers: Vec<Arc<dyn Consumer>>) {
        let mut works: Vec<BoxFuture<'_, ()>> = vec![
            Box::pin(self.keep_keyed()),
            Box::pin(self.tail.run(&self.facts, &self.readable)),
            Box::pin(self.tail.beat()),
        ];
        if !self.facts.are_born_numbered() {
            let numbered = if self.afar.is_some() { Bell::default() } else { self.readable.clone() };
            if let Some(afar) = &self.afar {
                let (numbered, readable) = (numbered.clone(), self.readable.clone());
                works.push(Box::pin(async move { afar.carry(NUMBERED, &numbered, &readable).await }));
            }
            works.push(Box::pin(sequencer::run(self.facts.clone(), self.told.clone(), numbered)));
        }
        works.push(Box::pin(self.end_relays()));
        for (topic, kafka) in &self.kafkas {
            works.push(Box::pin(relay(self, topic, kafka)));
        }
        for (topic, ferry) in self.brought() {
            if consumers.iter().any(|consumer| consumer.topic() == topic) {
                works.push(Box::pin(bring(self, topic, ferry)));
            }
        }
        for consumer in consumers {
            works.push(Box::pin(self.catch_up(consumer.clone())));
            works.push(match self.kafkas.get(consumer.topic()) {
                Some(kafka) => Box::pin(hear(self, consumer, kafka)),
                None => Box::pin(self.deliver(consumer)),
            });
        }
        join_all(works).await;
    }

    /// After running: waits for what is under way, so that another process can go on at once.
    pub async fn close(&self) {
        self.leaving.done().await;
    }

    /// The facts of a topic, for readers that keep a place of their own.
    pub fn feed(&self, topic: &'static str) -> Feed {
        Feed::new(self.facts.clone(), self.tail.clone(), topic)
    }

    /// All new facts of a topic, for one in this process who hands them on.
    pub fn follow(&self, topic: &'static str) -> Follow {
        Follow::new(self.facts.clone(), topic, &self.readable)
    }

    /// Deletes some of the facts that are no longer kept, oldest first; how many.
    pub async fn sweep(&self) -> Result<usize> {
        Ok(self.facts.sweep(self.clock.now().minus(self.kept)).await?)
    }

    /// How many numbers the group still has before it.
    pub async fn behind(&self, group: &'static str, topic: &'static str) -> Result<i64> {
        let position = self.facts.position(Place { consumer: group, topic }).await?;
        Ok(self.facts.newest().await? - position)
    }

    /// What a [`Tally`](crate::Tally) of this name has come to.
    pub async fn total(&self, name: &str) -> Result<i64> {
        Ok(self.facts.total(name).await?)
    }

    /// Hands a parked fact to its consumer again. It stays parked if that fails again; false when it is not there.
    pub async fn replay(&self, parked: &Parked, consumer: &dyn Consumer) -> Result<bool> {
        let unpark = store::unpark(&parked.consumer, parked.fact.number);
        attempt(&self.facts, consumer, std::slice::from_ref(&parked.fact), vec![unpark]).await
    }

    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(crate) const fn leaving(&self) -> &Leaving {
        &self.leaving
    }

    /// Hears when there are facts to be read.
    pub(crate) fn listener(&self) -> Listener {
        self.readable.listener()
    }

    /// How often to look whether there are facts all the same.
    pub(crate) const fn look(&self) -> Duration {
        self.facts.look()
    }

    async fn end_relays(&self) {
        let mut failures = 0;
        while let Err(error) = self.facts.end_relays(self.kafkas.keys().copied()).await {
            failures = put_off(
                "relays",
                "relays of topics in the table could not be ended",
                &error.into(),
                failures,
            )
            .await;
        }
    }

    async fn keep_keyed(&self) {
        let mut listener = self.readable.listener();
        loop {
            match self.facts.key_run().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => {
                    listener.wait(SELDOM).await;
                    tokio::time::sleep(GATHER).await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "facts could not be ordered by key, and wait");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    async fn deliver(&self, consumer: Arc<dyn Consumer>) {
        let mut failures = 0;
        while let Err(error) = settle(self, &*consumer, 0).await {
            failures = put_off(consumer.group(), HANDLED, &error, failures).await;
        }
        let mut listener = self.listener();
        let mut reader = Reader::new(self, &*consumer);
        let mut pace = Pace::new(consumer.rest(), 1);
        let mut linger = Linger::default();
        let mut is_aside = false;
        loop {
            pace.begin();
            let came = reader.step(pace.portion()).await;
            if matches!(came, Ok(Came::Aside)) && !is_aside {
                tracing::warn!(
                    group = consumer.group(),
                    "another process has this topic published; it is not read from the table"
                );
            }
            is_aside = matches!(came, Ok(Came::Aside));
            match came {
                Ok(Came::On(facts)) => {
                    failures = 0;
                    pace.rest(reader.newest(), reader.is_behind()).await;
                    if !reader.is_behind() {
                        linger.gather(&mut listener, self.look(), facts).await;
                    }
                }
                Ok(Came::Aside) => tokio::time::sleep(AGAIN).await,
                Err(error) => {
                    reader.forget();
                    failures = put_off(consumer.group(), HANDLED, &error, failures).await;
                }
            }
        }
    }

    async fn catch_up(&self, consumer: Arc<dyn Consumer>) {
        let mut pace = Pace::new(consumer.rest() * UNHURRIED, UNHURRIED);
        let mut failures = 0;
        loop {
            pace.begin();
            let step = async { Ok((consumer.catch_up().await?, self.facts.newest().await?)) };
            match step.await {
                Ok((false, _)) => return,
                Ok((true, newest)) => {
                    failures = 0;
                    pace.rest(newest, true).await;
                }
                Err(error) => failures = put_off(consumer.group(), HANDLED, &error, failures).await,
            }
        }
    }
}
