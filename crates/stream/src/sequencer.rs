//! Giving facts their numbers after they are committed, where the engine's own numbers come too early.

use std::time::{Duration, Instant};

use crate::store::Facts;
use crate::wake::Bell;

/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);
/// Facts whose ids are older than the last by more than this many have mostly been numbered: a tenth of a second's ids.
const NEAR: i64 = 100 << 12;
/// How many times as long as a look at all of them took nobody looks again.
const SELDOM: u32 = 20;

/// Numbers facts for as long as it is polled. Any number of processes may do so at once: one of them gets through.
pub async fn run(facts: Facts, told: Bell, numbered: Bell) {
    let mut listener = told.listener();
    let (mut last, mut due) = (0, Instant::now());
    loop {
        // Where a fact had no number something is left until it is cleared away, and looking for the next passes over
        // all that was left: so mostly only the newest are looked at, and what was committed late is found after them.
        let begun = Instant::now();
        let after = if begun < due { last - NEAR } else { 0 };
        let found = facts.number_waiting(after).await;
        if after == 0 {
            due = Instant::now() + (begun.elapsed() * SELDOM).max(facts.look());
        }
        match found {
            Ok(Some(upto)) => {
                last = upto.max(last);
                numbered.ring();
            }
            Ok(None) => {
                let look = due.saturating_duration_since(Instant::now());
                listener.wait(look.min(facts.look())).await;
            }
            Err(error) => {
                tracing::warn!(error = %error, "facts could not be numbered, and wait");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
