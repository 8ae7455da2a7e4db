//! Keys: signing ones where identity runs, public ones fetched from it everywhere else.

use std::time::Duration;

use api::PublicKey;
use axum::body::Body;
use axum::http::Request;
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use identity::SigningKeys;
use serde::Deserialize;
use types::{Error, Result};

use super::House;
use crate::config::Config;
use crate::domains::Roles;

/// How often public keys are fetched again.
const USUAL: Duration = Duration::from_secs(30);
/// How often while there are none.
const EAGER: Duration = Duration::from_millis(250);
/// A longer list of keys is no list of keys.
const LONGEST: usize = 64 << 10;

/// The keys to sign with, where identity runs.
pub fn signing(config: &Config, roles: &Roles) -> Result<Option<SigningKeys>> {
    if !roles.has("identity") {
        return Ok(None);
    }
    // A house in memory keeps nothing on disk, and its keys end with it as its sessions do.
    let in_memory = config.database_url.as_str() == "memory";
    let keys =
        if in_memory { SigningKeys::in_memory() } else { SigningKeys::open(&config.data_dir.join("keys")) };
    keys.map(Some)
}

impl House {
    /// Fetches public keys for as long as it is polled, where identity runs elsewhere.
    pub(super) async fn follow_keys(&self) {
        if self.roles.has("identity") {
            return std::future::pending().await;
        }
        let mut silent = false;
        loop {
            match fetch(self.config.identity.url.as_str()).await {
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

async fn fetch(identity: &str) -> Result<Vec<PublicKey>> {
    #[derive(Deserialize)]
    struct Keys {
        keys: Vec<PublicKey>,
    }
    let url = format!("{}/.well-known/jwks.json", identity.trim_end_matches('/'));
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(&url)
        .body(Body::empty())
        .map_err(|e| Error::internal_by("identity.url is no URL", e))?;
    let failed = || Error::unavailable(format!("{url} does not answer with keys"));
    let answer = tokio::time::timeout(USUAL, client.request(request)).await.map_err(|_| failed())?;
    let answer = answer.map_err(|e| Error::unavailable_by(format!("{url} does not answer"), e))?;
    let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| failed())?.to_bytes();
    serde_json::from_slice(&body).map(|Keys { keys }| keys).map_err(|_| failed())
}
