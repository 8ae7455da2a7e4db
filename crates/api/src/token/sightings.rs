//! Renewed tokens on their first appearance: whoever shows one has got the answer to its renewal.

use std::mem;
use std::sync::{Mutex, PoisonError};

use super::Grant;

/// More than this between two looks are not noted: their sessions' previous refresh tokens stay good a little longer.
const MOST: usize = 10_000;

/// A token that was seen.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The token, which proves it.
    pub token: String,
    /// What it grants.
    pub grant: Grant,
}

/// What was seen since somebody looked.
#[derive(Default)]
pub struct Sightings(Mutex<Vec<Sighting>>);

impl Sightings {
    /// Notes a token that came from a renewal.
    pub fn note(&self, token: &str, grant: Grant) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if grant.rotation > 0 && seen.len() < MOST {
            seen.push(Sighting { token: token.to_owned(), grant });
        }
    }

    /// All of them, once.
    pub fn take(&self) -> Vec<Sighting> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
