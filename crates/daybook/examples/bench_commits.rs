//! How many durable creates a second do the verbs of `tasks` take without HTTP around them, a commit a row and in groups?
//!
//! `bench_commits AT_ONCE SECONDS`: 64 tasks create one task after the other, each with its fact, durable before the next.
//! Only so many of them are let in at once: with 1 every row has a commit to itself, with 64 the writer groups them.
//! Nobody reads the facts meanwhile. Prints `result`, creates, microseconds, p50 and p99 in microseconds.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use daybook::config::{Config, Sources};
use daybook::house::Database;
use db::Lease;
use stream::Stream;
use tasks::{Draft, SqlLists, SqlTasks, Tasks};
use tokio::sync::Semaphore;
use types::{Caller, Clock, Role, SessionId, SystemClock, Timestamp, UserId};

/// Who wants to write at the same time.
const WRITERS: i64 = 64;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let numbers = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<Vec<u32>, _>>()?;
    let &[at_once, seconds] = numbers.as_slice() else {
        return Err("usage: bench_commits AT_ONCE SECONDS".into());
    };
    let database =
        Database::all(&Config::load(Sources::from_process(None))?)?.pop().ok_or("there is no database")?;
    let db = database.needed()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lease = Lease::take(db.clone(), clock.clone(), "bench_commits".into()).await?;
    let teller = Stream::new(db.clone(), clock.clone()).teller(lease.ids());
    let lists = Arc::new(SqlLists::new(db.clone()));
    let tasks = Tasks::new(Arc::new(SqlTasks::new(db.clone())), lists, teller, lease.ids(), clock.clone());

    let (begun, door) = (clock.now(), Arc::new(Semaphore::new(usize::try_from(at_once)?)));
    let end = begun.plus(Duration::from_secs(seconds.into()));
    let writers: Vec<_> = (1..=WRITERS)
        .map(|user| tokio::spawn(create_until(end, tasks.clone(), UserId::trusted(user), door.clone())))
        .collect();
    let mut taken = Vec::new();
    for writer in writers {
        taken.append(&mut writer.await??);
    }
    let lasted = clock.now().since(begun).as_micros();

    taken.sort_unstable();
    let of = |percent: usize| taken.get(taken.len() * percent / 100).map_or(0, Duration::as_micros);
    writeln!(std::io::stdout(), "result {} {lasted} {} {}", taken.len(), of(50), of(99))?;
    drop(tasks);
    lease.release().await?;
    drop(lease);
    database.close().await;
    Ok(())
}

/// How long each create took, waiting to be let in included.
async fn create_until(
    end: Timestamp,
    tasks: Tasks,
    user: UserId,
    door: Arc<Semaphore>,
) -> types::Result<Vec<Duration>> {
    let caller = Caller { user, session: SessionId::trusted(1), role: Role::User };
    let mut taken = Vec::new();
    loop {
        let begun = SystemClock.now();
        if begun >= end {
            return Ok(taken);
        }
        let draft = Draft { title: "Buy milk and bread on the way home".into(), ..Draft::default() };
        let entered = door.acquire().await;
        tasks.create(&caller, draft).await?;
        drop(entered);
        taken.push(SystemClock.now().since(begun));
    }
}
