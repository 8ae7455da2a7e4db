//! Waking whoever waits in other processes: without it they find what is new when they next look.

use std::time::Duration;

use cache::{Cache, News};
use db::Db;

use crate::wake::Bell;

/// One ring does for all that is told in this while.
const GATHER: Duration = Duration::from_millis(3);
/// A wait has an end; nothing depends on which.
const LONGEST: Duration = Duration::from_hours(1);
/// After a failure nothing is asked for this long.
const REST: Duration = Duration::from_secs(1);

/// By what processes on one database wake each other. Cheap to clone.
#[derive(Clone)]
pub enum Afar {
    /// The cache that they share.
    Cache(Cache),
    /// The database itself.
    Db(Db),
}

impl Afar {
    /// By what they can, if there is more than one of them and anything will do.
    pub fn by(db: &Db, cache: &Cache) -> Option<Self> {
        if db.is_sole() {
            None
        } else if cache.is_shared() {
            Some(Self::Cache(cache.clone()))
        } else {
            db.can_ring().then(|| Self::Db(db.clone()))
        }
    }

    /// Carries rings between processes for as long as it is polled: what is told here is heard everywhere, here too.
    pub async fn carry(&self, topic: &'static str, told: &Bell, heard: &Bell) {
        futures_util::future::join(self.tell(topic, told, heard), self.hear(topic, heard)).await;
    }

    async fn tell(&self, topic: &'static str, told: &Bell, heard: &Bell) {
        let mut listener = told.listener();
        loop {
            listener.wait(LONGEST).await;
            heard.ring();
            let rung = match self {
                Self::Cache(cache) => cache.publish(topic, b"").await.is_ok(),
                Self::Db(db) => db.ring(topic).await.is_ok(),
            };
            // Nobody misses anything when it fails: everybody looks now and then.
            tokio::time::sleep(if rung { GATHER } else { REST }).await;
        }
    }

    async fn hear(&self, topic: &'static str, heard: &Bell) {
        loop {
            match self {
                Self::Cache(cache) => {
                    if let Ok(mut ear) = cache.subscribe(topic).await {
                        while let Some(News::Message(_) | News::Missed) = ear.next().await {
                            heard.ring();
                        }
                    }
                }
                Self::Db(db) => {
                    if let Err(error) = db.hear(topic, || heard.ring()).await {
                        tracing::debug!(error = %error, "it is not heard when others have something new");
                    }
                }
            }
            tokio::time::sleep(REST).await;
        }
    }
}
