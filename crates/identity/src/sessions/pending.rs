//! Tries to sign in that are being looked at by this process, by what they count for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which there are. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pending(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    /// How many have ever come: each has the number of those before it.
    came: u64,
    /// The numbers of those that are here, in order.
    here: HashMap<String, Vec<u64>>,
}

/// One of them; it leaves when dropped, also with a client that does not wait for its answer.
pub struct Place {
    /// What it counts for.
    pub key: String,
    number: u64,
    all: Pending,
}

impl Pending {
    /// How many have ever come.
    pub fn came(&self) -> u64 {
        self.book().came
    }

    /// One more, and how many of those that had come by then are still here.
    pub fn enter(&self, key: &str, by_then: u64) -> (Place, i64) {
        let mut book = self.book();
        let number = book.came;
        book.came += 1;
        let here = book.here.entry(key.to_owned()).or_default();
        let before = here.partition_point(|other| *other < by_then);
        here.push(number);
        let place = Place { key: key.to_owned(), number, all: self.clone() };
        (place, i64::try_from(before).unwrap_or(i64::MAX))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.all.book();
        if let Some(here) = book.here.get_mut(&self.key) {
            here.retain(|number| *number != self.number);
            if here.is_empty() {
                book.here.remove(&self.key);
            }
        }
    }
}
