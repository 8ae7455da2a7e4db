//! Keys: those that sign and seal where identity runs, public ones fetched from it everywhere else.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::KeySet;
use identity::SigningKeys;
use types::{Clock, Result};

use super::{House, Remote, Source};
use crate::config::Config;

/// How often public keys are fetched again, and dead ones removed.
const USUAL: Duration = Duration::from_secs(30);
/// How often at most, whatever keys tokens name: a new one is fetched when it is first met.
const LEAST: Duration = Duration::from_secs(1);
/// How often while there are none.
const EAGER: Duration = Duration::from_millis(250);
/// The file with what refresh tokens are sealed with.
const REFRESH: &str = "refresh.key";
/// The file with what the digits of codes are made with.
const CODES: &str = "codes.key";

/// The file with what browsers' way to a provider and back is sealed with.
const OAUTH: &str = "oauth.key";

/// The file with what people's webhooks are signed by.
const WEBHOOKS: &str = "webhooks.key";

/// What identity signs and seals with.
pub struct Keys {
    /// Access tokens.
    pub signing: SigningKeys,
    /// Refresh tokens.
    pub secret: [u8; 32],
    /// The digits of codes.
    pub codes: [u8; 32],
    /// The way to a provider and back.
    pub oauth: [u8; 32],
}

impl Keys {
    /// Those of this house. A house in memory keeps nothing on disk, and its keys end with it as its sessions do.
    pub fn open(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self> {
        let (folder, access_ttl) = (folder(config), config.tokens.access_ttl);
        let signing = match &folder {
            Some(folder) => SigningKeys::open(folder, access_ttl, clock.clone())?,
            None => SigningKeys::in_memory(access_ttl, clock.clone())?,
        };
        let secret = |name| identity::secret(folder.as_deref(), name);
        Ok(Self { signing, secret: secret(REFRESH)?, codes: secret(CODES)?, oauth: secret(OAUTH)? })
    }
}

/// What the secrets of people's webhooks are made with, the same for every process that sends them.
pub fn of_webhooks(config: &Config) -> Result<[u8; 32]> {
    identity::secret(folder(config).as_deref(), WEBHOOKS)
}

/// Where a house keeps its keys, if it keeps any.
fn folder(config: &Config) -> Option<PathBuf> {
    (config.database_url.as_str() != "memory").then(|| config.data_dir.join("keys"))
}

impl House {
    /// Keeps keys as they should be for as long as it is polled: retired ones go in time, and public ones are fetched
    /// where identity runs elsewhere.
    pub(super) async fn follow_keys(&self) {
        match &self.source {
            Source::Here(_) => self.bury_keys().await,
            Source::There(remote) => self.fetch_keys(remote).await,
        }
    }

    async fn bury_keys(&self) {
        let Some(identity) = &self.identity else { return std::future::pending().await };
        loop {
            if let Err(error) = identity.keys.bury_dead() {
                tracing::warn!(error = &error as &dyn std::error::Error, "a dead key cannot be removed");
            }
            tokio::time::sleep(USUAL).await;
        }
    }

    async fn fetch_keys(&self, remote: &Remote) {
        let keys = self.verifier.keys();
        let pace = |keys: &KeySet| if keys.is_empty() { EAGER } else { USUAL };
        let mut silent = false;
        let told = |fetched: Result<()>| {
            if let Err(error) = &fetched
                && !silent
            {
                // Said once; the keys that are known go on being good.
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    "identity gives no keys to verify tokens with"
                );
            }
            silent = fetched.is_err();
        };
        keys.follow(|| remote.keys(), pace, LEAST, told).await;
    }
}
