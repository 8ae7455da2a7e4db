//! The keys that access tokens are signed with. They never leave identity; verifiers get the public halves.
//!
//! The newest key signs. When a newer one is made the older retires: its private half is deleted at once, and its public
//! half goes on verifying until the last token that it signed is dead.

mod files;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use api::{Claims, KeySet, PublicKey};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use types::{Clock, Error, Result, Timestamp};

use files::Folder;
pub use files::{drawn, secret};

/// A retired key verifies longer than its tokens live, by what clocks may be apart.
const MARGIN: Duration = Duration::from_mins(1);

/// Signs tokens with the newest key. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys(Arc<Shared>);

struct Shared {
    folder: Option<Folder>,
    access_ttl: Duration,
    clock: Arc<dyn Clock>,
    public: KeySet,
    keys: RwLock<Keys>,
    /// One change at a time, without keeping those waiting who sign meanwhile.
    changing: Mutex<()>,
}

#[derive(Clone)]
struct Keys {
    newest: Arc<Key>,
    retired: Vec<Retired>,
}

struct Key {
    public: PublicKey,
    signing: EncodingKey,
}

/// What is left of a key that signs no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Its public half.
    pub key: PublicKey,
    /// When the last token that it signed is dead.
    pub until: Timestamp,
}

impl SigningKeys {
    /// The keys in this folder; the first one is made when there is none.
    pub fn open(folder: &Path, access_ttl: Duration, clock: Arc<dyn Clock>) -> Result<Self> {
        let folder = Folder::open(folder)?;
        let mut retired = folder.retired()?;
        let mut whole = folder.whole()?;
        // Whoever was interrupted between the two steps of a retirement finishes it.
        whole.retain(|(kid, _)| !retired.iter().any(|retired| retired.key.kid == *kid));
        whole.sort_by_key(|(kid, _)| (number(kid), kid.clone()));
        let (kid, newest) = match whole.pop() {
            Some(newest) => newest,
            None => make(retired.iter().map(|retired| number(&retired.key.kid)).max(), Some(&folder))?,
        };
        let until = clock.now().plus(access_ttl).plus(MARGIN);
        retired.extend(whole.iter().map(|(kid, key)| Retired { key: half(kid, key), until }));
        for retired in &retired {
            folder.retire(retired)?;
        }
        let keys = Self::of(Key::new(&kid, &newest)?, retired, Some(folder), access_ttl, clock);
        keys.bury_dead()?;
        Ok(keys)
    }

    /// Keys that live in memory and end with the process.
    pub fn in_memory(access_ttl: Duration, clock: Arc<dyn Clock>) -> Result<Self> {
        let (kid, key) = make(None, None)?;
        Ok(Self::of(Key::new(&kid, &key)?, Vec::new(), None, access_ttl, clock))
    }

    fn of(
        newest: Key,
        retired: Vec<Retired>,
        folder: Option<Folder>,
        access_ttl: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let keys = Keys { newest: Arc::new(newest), retired };
        let public = KeySet::default();
        public.replace(keys.public());
        let (keys, changing) = (RwLock::new(keys), Mutex::default());
        Self(Arc::new(Shared { folder, access_ttl, clock, public, keys, changing }))
    }

    /// Makes a new key, which signs from now on; its name. The one before goes on verifying while its tokens live.
    pub fn rotate(&self) -> Result<String> {
        let Shared { folder, access_ttl, clock, .. } = &*self.0;
        let _alone = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut keys = self.keys();
        let old = keys.newest.public.clone();
        let (kid, key) = make(Some(number(&old.kid)), folder.as_ref())?;
        let retired = Retired { key: old, until: clock.now().plus(*access_ttl).plus(MARGIN) };
        keys.newest = Arc::new(Key::new(&kid, &key)?);
        keys.retired.push(retired.clone());
        self.turn_to(keys);
        folder.as_ref().map_or(Ok(()), |folder| folder.retire(&retired))?;
        tracing::info!(kid, "a new key signs tokens; the one before verifies while its tokens live");
        Ok(kid)
    }

    /// Forgets retired keys whose last token is dead.
    pub fn bury_dead(&self) -> Result<()> {
        let _alone = self.0.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut keys, now) = (self.keys(), self.0.clock.now());
        let (alive, dead): (Vec<_>, Vec<_>) =
            keys.retired.into_iter().partition(|retired| retired.until > now);
        if dead.is_empty() {
            return Ok(());
        }
        keys.retired = alive;
        self.turn_to(keys);
        for Retired { key, .. } in dead {
            self.0.folder.as_ref().map_or(Ok(()), |folder| folder.bury(&key.kid))?;
        }
        Ok(())
    }

    /// The name of the key that signs, and those that only verify, newest first.
    pub fn list(&self) -> (String, Vec<Retired>) {
        let Keys { newest, mut retired } = self.keys();
        retired.sort_by_key(|retired| std::cmp::Reverse(number(&retired.key.kid)));
        (newest.public.kid.clone(), retired)
    }

    /// The public halves.
    pub fn public(&self) -> &KeySet {
        &self.0.public
    }

    /// The token that says this.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let newest = self.0.keys.read().unwrap_or_else(PoisonError::into_inner).newest.clone();
        let header = Header { kid: Some(newest.public.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &newest.signing)
            .map_err(|e| Error::internal_by("a token could not be signed", e))
    }

    fn keys(&self) -> Keys {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Published first: nobody may meet a token whose key is not to be had yet.
    fn turn_to(&self, keys: Keys) {
        self.0.public.replace(keys.public());
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Keys {
    fn public(&self) -> Vec<PublicKey> {
        let retired = self.retired.iter().map(|retired| retired.key.clone());
        retired.chain([self.newest.public.clone()]).collect()
    }
}

impl Key {
    fn new(kid: &str, key: &SigningKey) -> Result<Self> {
        let der = key.to_pkcs8_der().map_err(|e| Error::internal_by("the signing key cannot be used", e))?;
        Ok(Self { public: half(kid, key), signing: EncodingKey::from_ed_der(der.as_bytes()) })
    }
}

fn half(kid: &str, key: &SigningKey) -> PublicKey {
    PublicKey::ed25519(kid, key.verifying_key().as_bytes())
}

/// Keys are counted, so that it can be told which is the newest: `2-…` comes after `1-…`.
fn number(kid: &str) -> u64 {
    kid.split('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Makes the key after that one, and keeps it where there is a folder.
fn make(after: Option<u64>, folder: Option<&Folder>) -> Result<(String, SigningKey)> {
    let key = SigningKey::from_bytes(&drawn()?);
    let number = after.unwrap_or_default().saturating_add(1);
    let kid = key.verifying_key().as_bytes()[..8]
        .iter()
        .fold(format!("{number}-"), |kid, byte| format!("{kid}{byte:02x}"));
    folder.map_or(Ok(()), |folder| folder.keep(&kid, &key))?;
    Ok((kid, key))
}

#[cfg(test)]
mod tests;
