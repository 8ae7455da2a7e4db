//! Tokens that were verified: checking a signature costs more than the rest of a small request.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use super::Grant;

/// Parts with a lock each, so that cores seldom meet.
const PARTS: usize = 16;
/// Tokens a part remembers; at about 400 bytes each the whole stays below 7 MB.
const MOST: usize = 1_024;

/// A bounded memory of tokens, whole: a part of one could be somebody else's.
#[derive(Default)]
pub struct Remembered {
    hasher: RandomState,
    parts: [Mutex<Part>; PARTS],
}

type Part = HashMap<Box<str>, Entry>;

#[derive(Clone, Copy)]
struct Entry {
    grant: Grant,
    /// What [`super::KeySet::trust`] was when the signature was checked.
    trust: u64,
}

impl Remembered {
    /// What this very token grants, if it was seen before and no key has been given up since.
    pub fn get(&self, token: &str, trust: u64) -> Option<Grant> {
        let part = self.part(token).lock().unwrap_or_else(PoisonError::into_inner);
        part.get(token).filter(|entry| entry.trust == trust).map(|entry| entry.grant)
    }

    /// Remembers it.
    pub fn put(&self, token: &str, grant: Grant, trust: u64, now: i64) {
        let mut part = self.part(token).lock().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= MOST {
            part.retain(|_, entry| entry.grant.expires > now && entry.trust == trust);
        }
        // All still valid: forgetting them costs one more check each.
        if part.len() >= MOST {
            part.clear();
        }
        part.insert(token.into(), Entry { grant, trust });
    }

    fn part(&self, token: &str) -> &Mutex<Part> {
        let hash = usize::try_from(self.hasher.hash_one(token) % PARTS as u64).unwrap_or(0);
        &self.parts[hash]
    }
}
