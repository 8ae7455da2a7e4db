//! Tries to sign in that are being looked at by this process, by what they count for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many there are of each. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pending(Arc<Mutex<HashMap<String, i64>>>);

/// One of them; it leaves when dropped, also with a client that does not wait for its answer.
pub struct Place {
    /// What it counts for.
    pub key: String,
    /// How many there were with it.
    pub pending: i64,
    all: Pending,
}

impl Pending {
    /// One more.
    pub fn enter(&self, key: &str) -> Place {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = all.entry(key.to_owned()).or_default();
        *pending += 1;
        Place { key: key.to_owned(), pending: *pending, all: self.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pending) = all.get_mut(&self.key) {
            *pending -= 1;
            if *pending <= 0 {
                all.remove(&self.key);
            }
        }
    }
}
