//! Public keys, by name.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};

use super::fetches::Fetches;

/// Bytes of a key.
const KEY: usize = 32;

/// The public half of a signing key, as a JSON Web Key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PublicKey {
    /// Its name.
    pub kid: String,
    /// The kind of key: `OKP`.
    pub kty: String,
    /// The curve: `Ed25519`.
    pub crv: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The algorithm: `EdDSA`.
    pub alg: String,
    /// The key itself, base64url.
    pub x: String,
}

impl PublicKey {
    /// A key of this name.
    pub fn ed25519(kid: impl Into<String>, public: &[u8; KEY]) -> Self {
        Self {
            kid: kid.into(),
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            usage: "sig".into(),
            alg: "EdDSA".into(),
            x: BASE64_URL_SAFE_NO_PAD.encode(public),
        }
    }

    /// What verifies with it; nothing, when it is of another kind or not whole.
    fn ready(&self) -> Option<DecodingKey> {
        let known = (self.kty.as_str(), self.crv.as_str()) == ("OKP", "Ed25519");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.x).ok().filter(|_| known)?;
        // Some libraries fall over a key that is too short.
        DecodingKey::from_ed_components(&self.x).ok().filter(|_| bytes.len() == KEY)
    }
}

/// The keys that tokens may be signed with. Cheap to clone; all clones change together.
#[derive(Clone, Default)]
pub struct KeySet(Arc<Shared>);

#[derive(Default)]
struct Shared {
    keys: RwLock<Keys>,
    trust: AtomicU64,
    fetches: Fetches,
}

#[derive(Default)]
struct Keys {
    public: Vec<PublicKey>,
    ready: HashMap<String, Arc<DecodingKey>>,
}

impl KeySet {
    /// These keys from now on, and no others. Tokens of a key that goes count no more from this moment on, also those
    /// that were verified before.
    pub fn replace(&self, public: Vec<PublicKey>) {
        let ready = public.iter().filter_map(|key| Some((key.kid.clone(), Arc::new(key.ready()?)))).collect();
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        let goes = keys.public.iter().any(|key| !public.contains(key));
        *keys = Keys { public, ready };
        if goes {
            self.0.trust.fetch_add(1, Ordering::Release);
        }
    }

    /// A number that changes whenever a key goes: what was verified under another one has to be verified again.
    pub(super) fn trust(&self) -> u64 {
        self.0.trust.load(Ordering::Acquire)
    }

    /// The keys, for others to verify with.
    pub fn public(&self) -> Vec<PublicKey> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).public.clone()
    }

    /// Keeps these keys as others have them, for as long as it is polled: fetches them at this pace, and at once when
    /// a token of an unknown key is met, though never more often than once in `least`. What came of it is `told`.
    pub async fn follow<E, F: Future<Output = Result<Vec<PublicKey>, E>>>(
        &self,
        fetch: impl Fn() -> F,
        pace: impl Fn(&Self) -> Duration,
        least: Duration,
        mut told: impl FnMut(Result<(), E>),
    ) -> ! {
        loop {
            let number = self.0.fetches.begin();
            told(fetch().await.map(|keys| self.replace(keys)));
            self.0.fetches.end(number);
            let at_once = async { tokio::join!(tokio::time::sleep(least), self.0.fetches.wanted()) };
            let _ = tokio::time::timeout(pace(self), at_once).await;
        }
    }

    /// Whether keys come from elsewhere.
    pub(super) fn is_followed(&self) -> bool {
        self.0.fetches.are_made()
    }

    /// Has this key fetched if it is not known, and waits for that.
    pub(super) async fn learn(&self, kid: &str) {
        let is_known = || self.get(kid).is_some();
        if !is_known() {
            self.0.fetches.want(is_known).await;
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).ready.is_empty()
    }

    pub(super) fn get(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).ready.get(kid).cloned()
    }
}
