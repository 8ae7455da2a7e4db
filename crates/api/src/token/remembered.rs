//! Tokens that were verified: checking a signature costs more than the rest of a small request.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Grant;

/// Parts with a lock each, so that cores seldom meet.
const PARTS: usize = 16;
/// Tokens a part remembers; at about 400 bytes each the whole stays below 7 MB.
const MOST: usize = 1_024;

/// A bounded memory of tokens, whole: a part of one could be somebody else's.
pub struct Remembered {
    seed: u64,
    parts: [Mutex<Part>; PARTS],
}

/// By the hash of the token. It need not withstand anybody: only what we signed gets in, and of two with one hash the later
/// one is remembered.
type Part = HashMap<u64, Entry>;

struct Entry {
    token: Box<str>,
    grant: Grant,
    /// What [`super::KeySet::trust`] was when the signature was checked.
    trust: u64,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { seed: RandomState::new().hash_one(0), parts: Default::default() }
    }
}

impl Remembered {
    /// What this very token grants, if it was seen before and no key has been given up since.
    pub fn get(&self, token: &str, trust: u64) -> Option<Grant> {
        let hash = self.hash(token);
        let part = self.part(hash).lock().unwrap_or_else(PoisonError::into_inner);
        part.get(&hash)
            .filter(|entry| entry.trust == trust && *entry.token == *token)
            .map(|entry| entry.grant)
    }

    /// Remembers it.
    pub fn put(&self, token: &str, grant: Grant, trust: u64, now: i64) {
        let hash = self.hash(token);
        let mut part = self.part(hash).lock().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= MOST {
            part.retain(|_, entry| entry.grant.expires > now && entry.trust == trust);
        }
        // All still valid: forgetting them costs one more check each.
        if part.len() >= MOST {
            part.clear();
        }
        part.insert(hash, Entry { token: token.into(), grant, trust });
    }

    fn hash(&self, token: &str) -> u64 {
        xxh3_64_with_seed(token.as_bytes(), self.seed)
    }

    fn part(&self, hash: u64) -> &Mutex<Part> {
        &self.parts[usize::try_from(hash % PARTS as u64).unwrap_or(0)]
    }
}
