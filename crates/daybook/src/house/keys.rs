//! Keys: those that sign and seal where identity runs, public ones fetched from it everywhere else.

use std::path::PathBuf;
use std::time::Duration;

use identity::SigningKeys;
use types::Result;

use super::{House, Source};
use crate::config::Config;

/// How often public keys are fetched again.
const USUAL: Duration = Duration::from_secs(30);
/// How often while there are none.
const EAGER: Duration = Duration::from_millis(250);
/// The file with what refresh tokens are sealed with.
const REFRESH: &str = "refresh.key";

/// The file with what browsers' way to a provider and back is sealed with.
const OAUTH: &str = "oauth.key";

/// What identity signs and seals with.
pub struct Keys {
    /// Access tokens.
    pub signing: SigningKeys,
    /// Refresh tokens.
    pub secret: [u8; 32],
    /// The way to a provider and back.
    pub oauth: [u8; 32],
}

impl Keys {
    /// Those of this house. A house in memory keeps nothing on disk, and its keys end with it as its sessions do.
    pub fn open(config: &Config) -> Result<Self> {
        let folder = folder(config);
        let signing = match &folder {
            Some(folder) => SigningKeys::open(folder)?,
            None => SigningKeys::in_memory()?,
        };
        let secret = |name| identity::secret(folder.as_deref(), name);
        Ok(Self { signing, secret: secret(REFRESH)?, oauth: secret(OAUTH)? })
    }
}

/// Where a house keeps its keys, if it keeps any.
fn folder(config: &Config) -> Option<PathBuf> {
    (config.database_url.as_str() != "memory").then(|| config.data_dir.join("keys"))
}

impl House {
    /// Fetches public keys for as long as it is polled, where identity runs elsewhere.
    pub(super) async fn follow_keys(&self) {
        let Source::There(remote) = &self.source else { return std::future::pending().await };
        let mut silent = false;
        loop {
            match remote.keys().await {
                Ok(keys) => {
                    self.verifier.keys().replace(keys);
                    silent = false;
                }
                // Said once; the keys that are known go on being good.
                Err(error) if !silent => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "identity gives no keys to verify tokens with"
                    );
                    silent = true;
                }
                Err(_) => {}
            }
            tokio::time::sleep(if self.verifier.keys().is_empty() { EAGER } else { USUAL }).await;
        }
    }
}
