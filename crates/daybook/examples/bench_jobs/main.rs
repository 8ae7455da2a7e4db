//! How many jobs a second does a worker get through that were put in the queue before it began, or while it works?
//!
//! `bench_jobs COUNT ROOM OVER [along]`: beside so many jobs that are over, COUNT are put in, a thousand in a commit, and then, or
//! along with that, worked by a handler that does nothing, as River's own benchmark does, at most ROOM at once. Each is claimed
//! and its end written down, durable. Where the topic `jobs` is set on Kafka, the worker hears of them by it. Prints `put` and
//! `worked`, each with jobs and microseconds (`along`, both from the first that is put in), and with Kafka `came`: how many were
//! taken as the topic told of them, and not found in the table.

mod store;

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::stop::{Stop, Trigger};
use async_trait::async_trait;
use daybook::config::{Config, Sources};
use daybook::domains::{ALL, Topic};
use daybook::house::{Brokers, Database};
use db::Lease;
use jobs::{Draft, Handler, Kind, Outcome, Queue, Running, State};
use stream::Stream;
use tokio::task::{JoinError, JoinHandle};
use types::facts::jobs::TOPIC;
use types::{Clock, Result, SystemClock};

/// Jobs of one commit.
const AT_ONCE: usize = 1_000;
/// How often it is looked whether all of them are done.
const LOOK: Duration = Duration::from_millis(2);

struct Nothing(AtomicUsize);

impl Nothing {
    fn done(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Handler for Nothing {
    fn kind(&self) -> Kind {
        Kind::new("nothing")
    }

    async fn run(&self, _: &Running) -> Result<Outcome> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Outcome::Done)
    }
}

/// The topic that tells of jobs.
fn topic() -> std::result::Result<&'static Topic, &'static str> {
    let mut topics = ALL.iter().flat_map(|domain| domain.topics);
    topics.find(|topic| topic.name == TOPIC).ok_or("no topic tells of jobs")
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let is_along = words.pop_if(|word| word == "along").is_some();
    let numbers = words.iter().map(|word| word.parse()).collect::<std::result::Result<Vec<usize>, _>>()?;
    let &[count, room, over] = numbers.as_slice() else {
        return Err("usage: bench_jobs COUNT ROOM OVER [along]".into());
    };
    let config = Config::load(Sources::from_process(None))?;
    let database = Database::all(&config)?.pop().ok_or("there is no database")?;
    let db = database.needed()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lease = Lease::take(db.clone(), clock.clone(), "bench_jobs".into()).await?;
    let stream = Brokers::open(&config, ALL)?.of(&config, topic()?);
    let stream = stream.map(|kafka| Stream::new(db.clone(), clock.clone()).by(TOPIC, kafka));
    let queue = Queue::new(db.clone(), lease.ids(), clock.clone());
    let queue = match &stream {
        Some(stream) => queue.told_by(stream.teller(lease.ids())),
        None => queue,
    };

    store::over(db, over).await?;
    let hand = Arc::new(Nothing(AtomicUsize::new(0)));
    let mut shift = None;
    if is_along {
        shift = Some(Shift::begin(&queue, stream.clone(), &hand, room));
        warm_up(&queue, &hand).await?;
    }
    let (done, came, begun) = (hand.done(), queue.came().unwrap_or_default(), clock.now());
    put(&queue, count / AT_ONCE).await?;
    let put = clock.now();
    let shift = shift.unwrap_or_else(|| Shift::begin(&queue, stream, &hand, room));
    let count = count / AT_ONCE * AT_ONCE;
    all_done(&queue, &hand, done + count).await?;
    let worked = clock.now().since(if is_along { begun } else { put });

    let mut out = std::io::stdout();
    writeln!(out, "put {count} {}", put.since(begun).as_micros())?;
    writeln!(out, "worked {count} {}", worked.as_micros())?;
    if let Some(by_now) = queue.came() {
        writeln!(out, "came {}", by_now - came)?;
    }
    shift.end().await?;
    drop(queue);
    lease.release().await?;
    drop(lease);
    database.close().await;
    Ok(())
}

/// Somebody who works, and hears of jobs if they are told of.
struct Shift {
    trigger: Trigger,
    working: JoinHandle<()>,
    hearing: Option<(Stream, JoinHandle<()>)>,
}

impl Shift {
    fn begin(queue: &Queue, stream: Option<Stream>, hand: &Arc<Nothing>, room: usize) -> Self {
        let hearing = stream.map(|stream| {
            let (runs, porter) = (stream.clone(), queue.porter());
            (stream, tokio::spawn(async move { runs.run(vec![porter]).await }))
        });
        let (stop, trigger) = Stop::manual();
        let (queue, hand) = (queue.clone(), hand.clone());
        let working = tokio::spawn(async move { queue.work(vec![hand], ("bench".into(), room), stop).await });
        Self { trigger, working, hearing }
    }

    async fn end(self) -> std::result::Result<(), JoinError> {
        self.trigger.pull();
        self.working.await?;
        if let Some((stream, hearing)) = self.hearing {
            hearing.abort();
            drop(hearing.await);
            stream.close().await;
        }
        Ok(())
    }
}

/// Until a job that is put in is done at once, and comes by the topic if there is one.
async fn warm_up(queue: &Queue, hand: &Nothing) -> Result<()> {
    while hand.done() == 0 || queue.came() == Some(0) {
        let next = hand.done() + 1;
        queue.add(vec![draft(0)]).await?;
        all_done(queue, hand, next).await?;
    }
    Ok(())
}

/// Puts so many thousands in.
async fn put(queue: &Queue, thousands: usize) -> Result<()> {
    for _ in 0..thousands {
        let drafts: Vec<Draft> = (0..AT_ONCE).map(draft).collect();
        // A process makes no more than 128 ids in a millisecond, and puts more in than that.
        loop {
            match queue.add(drafts.clone()).await {
                Err(error) if error.is_passing() => tokio::time::sleep(LOOK).await,
                added => break drop(added?),
            }
        }
    }
    Ok(())
}

fn draft(number: usize) -> Draft {
    Draft::new("nothing", format!("{{\"number\":{number}}}"), 25)
}

/// Until so many are done, which is written down.
async fn all_done(queue: &Queue, hand: &Nothing, wanted: usize) -> Result<()> {
    while hand.done() < wanted {
        tokio::time::sleep(LOOK).await;
    }
    while queue.count(State::Running).await? > 0 {
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
