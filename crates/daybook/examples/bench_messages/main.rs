//! Messages for the benchmarks, read and made without the house around them.
//!
//! `bench_messages marked SECONDS` waits until every message is marked as processed, beside a running house or not. It looks
//! at those that were sent in so many seconds before the last, and prints `marked`, how many these are, how many a second
//! were marked until all were, and the p50 and p99 of the milliseconds that the mark of one took.
//!
//! `bench_messages seed MESSAGES` fills the chat of the first two people of `bench_seed` with so many that are marked and
//! counted, ten a second up to now, and prints `range` and two Unix seconds between which most of them were sent.

mod store;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use daybook::config::{Config, Sources};
use daybook::house::Database;
use store::Progress;
use types::{Clock, SystemClock};

/// How long the last mark may take.
const LONGEST: Duration = Duration::from_mins(2);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let config = Config::load(Sources::from_process(None))?;
    let database = Database::all(&config)?.pop().ok_or("there is no database")?;
    match words.as_slice() {
        ["marked", seconds] => {
            let beside = if database.db().is_none() { Some(database.beside()?) } else { None };
            let db = beside.as_ref().or_else(|| database.db()).ok_or("there is no database")?;
            let Progress { messages, micros, lags } = progress(db, seconds.parse()?).await?;
            let rate = messages * 1_000_000 / micros.max(1);
            let lag = |percent: usize| lags.get(lags.len() * percent / 100).map_or(0, |lag| lag / 1_000);
            writeln!(std::io::stdout(), "marked {messages} {rate} {} {}", lag(50), lag(99))?;
        }
        ["seed", messages] => {
            let (since, to) = store::seed(database.needed()?, messages.parse()?, SystemClock.now()).await?;
            writeln!(std::io::stdout(), "range {since} {to}")?;
        }
        _ => return Err("usage: bench_messages marked SECONDS | seed MESSAGES".into()),
    }
    database.close().await;
    Ok(())
}

/// How it went, once all are marked.
async fn progress(db: &db::Db, seconds: i64) -> Result<Progress, Box<dyn Error>> {
    let begun = SystemClock.now();
    while store::has_unmarked(db).await? {
        if SystemClock.now().since(begun) > LONGEST {
            return Err("messages are stored that nobody marks".into());
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(store::progress(db, seconds).await?)
}
