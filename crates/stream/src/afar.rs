//! Waking whoever waits for facts in other processes: without it they find new ones when they next look.

use std::time::Duration;

use cache::{Cache, News};

use crate::wake::Bell;

/// What processes on one database ring for each other.
const TOPIC: &str = "stream:numbered";
/// One ring does for all that is numbered in this while.
const GATHER: Duration = Duration::from_millis(3);
/// A wait has an end; nothing depends on which.
const LONGEST: Duration = Duration::from_hours(1);
/// After a failure the cache is left alone for this long.
const REST: Duration = Duration::from_secs(1);

/// Carries rings between processes for as long as it is polled: what is numbered here can be read everywhere.
pub async fn carry(cache: &Cache, numbered: &Bell, readable: &Bell) {
    futures_util::future::join(tell(cache, numbered, readable), hear(cache, readable)).await;
}

async fn tell(cache: &Cache, numbered: &Bell, readable: &Bell) {
    let mut listener = numbered.listener();
    loop {
        listener.wait(LONGEST).await;
        readable.ring();
        // Nobody misses anything when it fails: everybody looks now and then.
        if cache.publish(TOPIC, b"").await.is_err() {
            tokio::time::sleep(REST).await;
        }
        tokio::time::sleep(GATHER).await;
    }
}

async fn hear(cache: &Cache, readable: &Bell) {
    loop {
        if let Ok(mut ear) = cache.subscribe(TOPIC).await {
            while let Some(News::Message(_) | News::Missed) = ear.next().await {
                readable.ring();
            }
        }
        tokio::time::sleep(REST).await;
    }
}
