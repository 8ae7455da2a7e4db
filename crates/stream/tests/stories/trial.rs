//! A database and a way for its facts that a story has to itself, and consumers that note what they hear.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{Along, Batch, Db, Migration, Script, Value, sql};
use stream::{Consumer, Fact, Kafka, Stream, Teller, Way};
use testkit::{Engine, TestDb};
use types::facts::tasks::{TOPIC, TaskCreated};
use types::{Error, Ids, Result, SystemClock, TaskId, Timestamp, UserId};

const EFFECTS: Migration = Migration {
    domain: "test",
    number: 1,
    name: "0001_effects",
    up: Script {
        any: "create table effects (consumer varchar(40) not null, number bigint not null, task bigint not null, \
              constraint effects_pkey primary key (consumer, number));",
        servers: None,
    },
    down: "drop table effects;",
};
pub const SCHEMA: &[Migration] =
    &[stream::MIGRATIONS[0], stream::MIGRATIONS[1], stream::MIGRATIONS[2], stream::MIGRATIONS[3], EFFECTS];

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// What a story has to itself.
pub struct Trial {
    pub db: Db,
    pub test: TestDb,
    /// Where its topics are; none when they stay in the table.
    pub kafka: Option<String>,
}

impl Trial {
    pub async fn new(engine: Engine) -> Self {
        let test = TestDb::new(engine, SCHEMA).await;
        Self { db: test.db.clone(), test, kafka: None }
    }

    pub async fn by_kafka(engine: Engine) -> Self {
        let corner = testkit::kafka();
        let trial =
            Self { kafka: Some(format!("{}/{}", corner.url, corner.prefix)), ..Self::new(engine).await };
        // What is there before the relay begins would be read from the table.
        let stream = trial.stream().0;
        running(&stream, vec![], async || stream.unpublished(TOPIC).await.unwrap().is_some()).await;
        trial
    }

    /// A second handle, as another process would have.
    pub fn reopened(&self) -> Db {
        self.test.reopened()
    }

    pub fn stream(&self) -> (Stream, Teller) {
        self.stream_of(&self.db)
    }

    /// The same in another process, as it were.
    pub fn stream_of(&self, db: &Db) -> (Stream, Teller) {
        let mut stream = Stream::new(db.clone(), Arc::new(SystemClock));
        if let Some(url) = &self.kafka {
            stream = stream.by(TOPIC, kafka(url, 3));
        }
        let ids = Ids::new(Arc::new(SystemClock), 0, Timestamp::from_millis(i64::MAX / 1_000_000));
        let teller = stream.teller(ids);
        (stream, teller)
    }
}

pub fn kafka(url: &str, parts: u16) -> Kafka {
    let Ok(Way::Kafka(address)) = Way::parse(url) else { panic!("{url} is no Kafka") };
    Kafka::open(address, parts).unwrap()
}

/// The engines on which a story by Kafka is told: the embedded one, and the servers that there are.
pub fn engines() -> impl Iterator<Item = Engine> {
    let is_there = |name: &str| std::env::var_os(name).is_some();
    let servers = [("DAYBOOK_TEST_POSTGRES", Engine::Postgres), ("DAYBOOK_TEST_MARIADB", Engine::Mariadb)];
    let servers = servers.into_iter().filter(move |(name, _)| is_there(name)).map(|(_, engine)| engine);
    [Engine::Embedded].into_iter().chain(servers)
}

/// Writes each fact it hears into a ledger, in the transaction of its position.
pub struct Ledger {
    db: Db,
    group: &'static str,
    pub largest: AtomicUsize,
    pub refuses: AtomicBool,
    /// How many facts came by Kafka.
    pub published: AtomicUsize,
    /// The number of the last fact, by key.
    last: Mutex<BTreeMap<i64, i64>>,
}

impl Ledger {
    pub fn new(db: &Db, group: &'static str) -> Arc<Self> {
        let (largest, published) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (refuses, last) = (AtomicBool::new(false), Mutex::default());
        Arc::new(Self { db: db.clone(), group, largest, refuses, published, last })
    }

    /// What was noted is in order, key by key.
    fn note(&self, facts: &[Fact]) {
        let mut last = self.last.lock().unwrap();
        for fact in facts {
            let before = last.insert(fact.key, fact.number).unwrap_or(0);
            assert!(before < fact.number, "{} after {before}, and both are of key {}", fact.number, fact.key);
        }
        // Kafka knows milliseconds, and the table microseconds.
        let is_late = |fact: &&Fact| fact.published_at.micros() % 1_000 == 0;
        self.published.fetch_add(facts.iter().filter(is_late).count(), Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Consumer for Ledger {
    fn group(&self) -> &'static str {
        self.group
    }
    fn topic(&self) -> &'static str {
        TOPIC
    }
    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        self.largest.fetch_max(facts.len(), Ordering::Relaxed);
        let mut rows = Vec::new();
        for fact in facts {
            let Some(TaskCreated { id, .. }) = fact.read()? else { continue };
            if id.number() == 13 && self.refuses.load(Ordering::Relaxed) {
                return Err(Error::internal("thirteen cannot be handled"));
            }
            rows.push(vec![self.group.into(), Value::Int(fact.number), id.into()]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let batch = Batch::new().bulk("insert into effects (consumer, number, task) values", rows);
        self.db.write(batch.along(along)).await?;
        self.note(facts);
        Ok(())
    }
}

/// Tells of a task; every third is one person's, so that there are keys.
pub fn created(id: i64) -> TaskCreated {
    TaskCreated { id: TaskId::trusted(id), owner: UserId::trusted(id % 3 + 1), version: 1 }
}

pub async fn tell(db: &Db, teller: &Teller, id: i64) {
    let along = Along::none().with(teller.tell(&created(id)).unwrap());
    db.write(Batch::new().along(along)).await.unwrap();
}

/// What the group has noted, in the order of numbers.
pub async fn effects(db: &Db, group: &str) -> Vec<i64> {
    db.all(sql!("select task from effects where consumer = ? order by number", group)).await.unwrap()
}

/// How much that is.
pub async fn count(db: &Db, group: &str) -> usize {
    let count: Option<i64> =
        db.first(sql!("select count(*) from effects where consumer = ?", group)).await.unwrap();
    usize::try_from(count.unwrap()).unwrap()
}

/// Polls this until it says yes.
pub async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes to pass in time");
}

/// Runs these consumers until that is so.
pub async fn running(stream: &Stream, consumers: Vec<Arc<dyn Consumer>>, is_so: impl AsyncFnMut() -> bool) {
    tokio::select! {
        () = stream.run(consumers) => unreachable!("it runs for ever"),
        () = eventually(is_so) => {}
    }
}

/// Runs these consumers until the group has so many effects.
pub async fn until(
    stream: &Stream,
    consumers: Vec<Arc<dyn Consumer>>,
    db: &Db,
    group: &str,
    enough: usize,
) -> Vec<i64> {
    running(stream, consumers, async || self::count(db, group).await >= enough).await;
    effects(db, group).await
}
