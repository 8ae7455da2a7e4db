//! What identity is compared with, and what its loads need.
//!
//! `bench_identity hash THREADS SECONDS`: bare argon2id in a loop, at the cost that is set for passwords.
//! `bench_identity check SECONDS`: access tokens verified for the first time, and remembered ones.
//! `bench_identity people URL COUNT`: signs one person up and in so often; prints the refresh tokens, a line each.
//! `bench_identity pace URL RATE SECONDS`: one client that asks who it is, so many times a second.

mod ask;
mod check;
mod hash;
mod pace;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

/// What every part ends with.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["hash", threads, seconds] => hash::run(threads.parse()?, Duration::from_secs(seconds.parse()?)),
        ["check", seconds] => check::run(Duration::from_secs(seconds.parse()?)),
        ["people", url, count] => ask::people(url, count.parse()?).await,
        ["pace", url, rate, seconds] => {
            pace::run(url, rate.parse()?, Duration::from_secs(seconds.parse()?)).await
        }
        _ => Err("usage: bench_identity hash|check|people|pace …".into()),
    }
}

/// Prints the line that every load ends with.
pub fn result(mut taken: Vec<Duration>, lasted: Duration) -> Outcome {
    taken.sort_unstable();
    let of = |percent: usize| taken.get(taken.len() * percent / 100).map_or(0, Duration::as_micros);
    let (count, micros) = (taken.len(), lasted.as_micros());
    writeln!(std::io::stdout(), "result {count} {micros} {} {} 0 0", of(50), of(99))?;
    Ok(())
}
