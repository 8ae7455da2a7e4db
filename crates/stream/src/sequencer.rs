//! Giving facts their numbers after they are committed, where the engine's own numbers come too early.

use std::time::Duration;

use crate::store::Facts;
use crate::wake::Bell;

/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// Numbers facts for as long as it is polled. Any number of processes may do so at once: they take turns.
pub async fn run(facts: Facts, told: Bell, numbered: Bell) {
    let mut listener = told.listener();
    loop {
        match facts.number_waiting().await {
            Ok(0) => listener.wait(facts.look()).await,
            Ok(_) => numbered.ring(),
            Err(error) => {
                tracing::warn!(error = %error, "facts could not be numbered, and wait");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
