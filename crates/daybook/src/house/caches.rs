//! Where short-lived state lives: in this process, or on a server that processes share.

use std::sync::Arc;

use cache::{Cache, DEFAULT_LIMIT_BYTES};
use types::{Clock, Result};

use crate::config::Config;

/// What every key and topic of ours begins with on a server that others may use too.
const PREFIX: &str = "daybook:";

/// The cache that is set. A server is not asked yet: the house works without it, though not as well.
pub fn open(config: &Config, clock: &Arc<dyn Clock>) -> Result<Cache> {
    match config.cache_url.as_str() {
        "memory" => Ok(Cache::in_memory(DEFAULT_LIMIT_BYTES, clock.clone())),
        url => Cache::redis(url, PREFIX),
    }
}

/// A cache on a server, for commands that look after it.
pub struct Shared {
    /// Where it is, fit to be shown.
    pub at: String,
    cache: Cache,
}

impl Shared {
    /// The one that is set, unless the house keeps short-lived state in its own memory.
    pub fn of(config: &Config) -> Result<Option<Self>> {
        match config.cache_url.as_str() {
            "memory" => Ok(None),
            url => Ok(Some(Self { at: config.cache_url.to_string(), cache: Cache::redis(url, PREFIX)? })),
        }
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<()> {
        self.cache.ping().await
    }
}
