//! What ended before its time, heard of within half a second wherever tokens are verified; and what was seen, told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::edge::Renewal;
use api::{Ending, Sighting};
use async_trait::async_trait;
use cache::Subscription;
use identity::Sessions;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use types::{Error, Result, Timestamp};

use super::remote::Remote;
use super::{GATEWAY, House};

/// How often news is asked for.
const EVERY: Duration = Duration::from_millis(500);
/// News is asked for again this far back: writes do not commit in the order of their times.
const OVERLAP: Duration = Duration::from_secs(10);
/// Where processes that share a cache tell each other that there is news.
const TOPIC: &str = "identity:ended";
/// No token that ended longer ago could still count.
const MARGIN: Duration = Duration::from_mins(2);

/// Identity, for whoever verifies tokens.
#[derive(Clone)]
pub enum Source {
    /// In this process.
    Here(Box<Sessions>),
    /// In another one.
    There(Box<Remote>),
}

impl Source {
    async fn ended_since(&self, moment: Timestamp) -> Result<Vec<Ending>> {
        match self {
            Self::Here(sessions) => sessions.ended_since(moment).await,
            Self::There(remote) => remote.ended_since(moment).await,
        }
    }

    async fn seen(&self, sightings: &[Sighting]) -> Result<()> {
        match self {
            Self::Here(sessions) => sessions.seen(sightings).await,
            Self::There(remote) => remote.seen(sightings).await,
        }
    }
}

#[async_trait]
impl Renewal for Source {
    async fn renew(&self, refresh_token: &str) -> Result<Option<String>> {
        match self {
            Self::Here(sessions) => sessions.renew(refresh_token).await,
            Self::There(remote) => remote.renew(refresh_token).await,
        }
    }
}

/// Whether the list of what ended is as new as it should be. Clones see the same.
#[derive(Clone, Default)]
pub struct Fresh(Arc<AtomicBool>);

impl Fresh {
    /// A sentence when it is not.
    pub fn check(&self) -> Result<(), String> {
        if self.0.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err("identity does not say which sessions have ended".into())
        }
    }
}

async fn rung(bell: Option<&Notify>) {
    match bell {
        Some(bell) => bell.notified().await,
        None => std::future::pending().await,
    }
}

async fn heard(news: Option<&mut Subscription>) {
    match news {
        // The cache itself is never gone as long as the house runs.
        Some(news) => drop(news.next().await),
        None => std::future::pending().await,
    }
}

impl House {
    /// Knows what ended before anything is served, where identity runs here.
    pub(super) async fn know_endings(&self) -> Result<()> {
        if let Source::Here(_) = self.source {
            self.exchange(self.oldest()).await?;
            self.fresh.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Hears what ended and tells what was seen, for as long as it is polled.
    pub(super) async fn follow_endings(&self) {
        let mut since = self.oldest();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let bell = match &self.source {
            Source::Here(sessions) => Some(sessions.endings().bell()),
            Source::There(_) => None,
        };
        // Broadcast only makes it quicker.
        let mut news = self.cache.subscribe(TOPIC).await.ok();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = heard(news.as_mut()) => {}
                () = rung(bell.as_deref()) => {
                    let _ = self.cache.publish(TOPIC, b"").await;
                    continue;
                }
            }
            match self.exchange(since).await {
                Ok(newest) => {
                    since = newest.map_or(since, |newest| newest.minus(OVERLAP).max(since));
                    self.fresh.0.store(true, Ordering::Relaxed);
                }
                Err(error) => self.say_stale(&error),
            }
        }
    }

    /// Said once.
    fn say_stale(&self, error: &Error) {
        if self.fresh.0.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "identity does not say which sessions have ended; those that are known go on"
            );
        }
    }

    /// What ended before, no token knows any more.
    fn oldest(&self) -> Timestamp {
        self.clock.now().minus(self.config.tokens.access_ttl).minus(MARGIN)
    }

    async fn exchange(&self, since: Timestamp) -> Result<Option<Timestamp>> {
        let news = self.source.ended_since(since).await?;
        self.verifier.ended().add(&news, self.clock.now());
        // Services see tokens that a gateway has seen before them.
        let seen = self.verifier.sightings();
        if !seen.is_empty() && self.roles.has(GATEWAY) {
            self.source.seen(&seen).await?;
        }
        Ok(news.iter().map(|ending| ending.at).max())
    }
}
