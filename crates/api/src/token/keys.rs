//! Public keys, by name.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};

use super::decoding_key;

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
    pub fn ed25519(kid: impl Into<String>, public: &[u8; 32]) -> Self {
        Self {
            kid: kid.into(),
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            usage: "sig".into(),
            alg: "EdDSA".into(),
            x: BASE64_URL_SAFE_NO_PAD.encode(public),
        }
    }

    fn bytes(&self) -> Option<[u8; 32]> {
        let known = (self.kty.as_str(), self.crv.as_str()) == ("OKP", "Ed25519");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.x).ok().filter(|_| known)?;
        bytes.try_into().ok()
    }
}

/// The keys that tokens may be signed with. Cheap to clone; all clones change together.
#[derive(Clone, Default)]
pub struct KeySet(Arc<RwLock<Keys>>);

#[derive(Default)]
struct Keys {
    public: Vec<PublicKey>,
    ready: HashMap<String, Arc<DecodingKey>>,
}

impl KeySet {
    /// These keys from now on, and no others.
    pub fn replace(&self, public: Vec<PublicKey>) {
        let ready =
            public.iter().filter_map(|key| Some((key.kid.clone(), Arc::new(decoding_key(&key.bytes()?)))));
        let ready = ready.collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Keys { public, ready };
    }

    /// The keys, for others to verify with.
    pub fn public(&self) -> Vec<PublicKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).public.clone()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).ready.is_empty()
    }

    pub(super) fn get(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).ready.get(kid).cloned()
    }
}
