//! What a provider of OpenID Connect says of itself: its endpoints and keys, fetched when they are needed and kept.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde::Deserialize;
use tokio::sync::Mutex;
use types::{Error, Result, Timestamp};

use super::outward::{Outward, safe};

/// How long what was fetched counts.
const GOOD: Duration = Duration::from_hours(1);
/// Keys that are not known are asked for no more often: ids of keys are anybody's to invent.
const PAUSE: Duration = Duration::from_mins(1);
/// More keys no provider has.
const MOST_KEYS: usize = 64;

/// The endpoints and the habits of a provider.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    issuer: String,
    /// Where browsers go.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where it says who somebody is, if it says more than the id token.
    pub userinfo_endpoint: Option<String>,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    /// Whether it names itself when it sends browsers back.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Whether the secret goes into the form and not into a header.
    pub fn wants_secret_in_form(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let takes = |name: &str| methods.iter().any(|method| method == name);
        // Without a word about it, the header is what the standard says.
        takes("client_secret_post") && !takes("client_secret_basic")
    }

    /// Whether it says that it signs so; without a word about it, it may.
    pub fn signs_with(&self, algorithm: &str) -> bool {
        let announced = &self.id_token_signing_alg_values_supported;
        announced.is_empty() || announced.iter().any(|name| name == algorithm)
    }
}

/// What is known of one provider.
pub struct Discovery {
    issuer: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Timestamp, Arc<Metadata>)>,
    keys: Option<(Timestamp, Arc<[Jwk]>)>,
}

impl Discovery {
    /// Of this issuer.
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), known: Mutex::default() }
    }

    /// Its endpoints.
    pub async fn metadata(&self, outward: &Outward, now: Timestamp) -> Result<Arc<Metadata>> {
        let mut known = self.known.lock().await;
        if let Some((_, metadata)) = known.metadata.as_ref().filter(|(at, _)| now.since(*at) < GOOD) {
            return Ok(metadata.clone());
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata = outward.get(&url, None).await?.good()?;
        // Whoever answers for another issuer could vouch for anybody there.
        if metadata.issuer != self.issuer {
            return Err(Error::unavailable(format!("{url} speaks for another issuer")));
        }
        for endpoint in [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri]
            .into_iter()
            .chain(&metadata.userinfo_endpoint)
        {
            safe(endpoint)?;
        }
        let metadata = Arc::new(metadata);
        known.metadata = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// The keys that may have signed a token that names this one, or names none.
    pub async fn keys(&self, outward: &Outward, kid: Option<&str>, now: Timestamp) -> Result<Arc<[Jwk]>> {
        let metadata = self.metadata(outward, now).await?;
        let mut known = self.known.lock().await;
        if let Some((at, keys)) = &known.keys {
            let age = now.since(*at);
            let has = kid.is_none_or(|kid| keys.iter().any(|key| is_named(key, kid)));
            if age < GOOD && (has || age < PAUSE) {
                return Ok(keys.clone());
            }
        }
        let set: KeySet = outward.get(&metadata.jwks_uri, None).await?.good()?;
        let keys: Arc<[Jwk]> = set.keys.into_iter().take(MOST_KEYS).filter_map(usable).collect();
        known.keys = Some((now, keys.clone()));
        Ok(keys)
    }
}

/// Whether the key has this name.
pub fn is_named(key: &Jwk, kid: &str) -> bool {
    key.common.key_id.as_deref() == Some(kid)
}

/// Keys are read one by one: one that nobody understands must not take the others along.
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

fn usable(key: serde_json::Value) -> Option<Jwk> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let signs = key.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    signs.then_some(key)
}
