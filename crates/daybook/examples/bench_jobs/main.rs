//! How many jobs a second does a worker get through that were put in the queue before it began?
//!
//! `bench_jobs COUNT ROOM OVER`: beside so many jobs that are over, COUNT are put in, a thousand in a commit, and then worked by
//! a handler that does nothing, as River's own benchmark does, at most ROOM at once. Each is claimed and its end written down,
//! durable. Prints `put` and `worked`, each with jobs and microseconds.

mod store;

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::stop::Stop;
use async_trait::async_trait;
use daybook::config::{Config, Sources};
use daybook::house::Database;
use db::Lease;
use jobs::{Draft, Handler, Kind, Outcome, Queue, Running, State};
use types::{Clock, Result, SystemClock};

/// Jobs of one commit.
const AT_ONCE: usize = 1_000;
/// How often it is looked whether all of them are done.
const LOOK: Duration = Duration::from_millis(2);

struct Nothing(AtomicUsize);

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

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let numbers =
        std::env::args().skip(1).map(|word| word.parse()).collect::<std::result::Result<Vec<usize>, _>>()?;
    let &[count, room, over] = numbers.as_slice() else {
        return Err("usage: bench_jobs COUNT ROOM OVER".into());
    };
    let database =
        Database::all(&Config::load(Sources::from_process(None))?)?.pop().ok_or("there is no database")?;
    let db = database.needed()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lease = Lease::take(db.clone(), clock.clone(), "bench_jobs".into()).await?;
    let queue = Queue::new(db.clone(), lease.ids(), clock.clone());

    store::over(db, over).await?;
    let begun = clock.now();
    for _ in 0..count / AT_ONCE {
        let drafts = (0..AT_ONCE).map(|n| Draft::new("nothing", format!("{{\"number\":{n}}}"), 25));
        let drafts: Vec<Draft> = drafts.collect();
        // A process makes no more than 128 ids in a millisecond, and puts more in than that.
        loop {
            match queue.add(drafts.clone()).await {
                Err(error) if error.is_passing() => tokio::time::sleep(LOOK).await,
                added => break drop(added?),
            }
        }
    }
    let put = clock.now();

    let (stop, trigger) = Stop::manual();
    let handler = Arc::new(Nothing(AtomicUsize::new(0)));
    let work = {
        let (queue, handler) = (queue.clone(), handler.clone());
        tokio::spawn(async move { queue.work(vec![handler], ("bench".into(), room), stop).await })
    };
    let count = count / AT_ONCE * AT_ONCE;
    while handler.0.load(Ordering::Relaxed) < count {
        tokio::time::sleep(LOOK).await;
    }
    // Done is what is written down.
    while queue.count(State::Running).await? > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let worked = clock.now();
    trigger.pull();
    work.await?;

    let mut out = std::io::stdout();
    writeln!(out, "put {count} {}", put.since(begun).as_micros())?;
    writeln!(out, "worked {count} {}", worked.since(put).as_micros())?;
    drop(queue);
    lease.release().await?;
    drop(lease);
    database.close().await;
    Ok(())
}
