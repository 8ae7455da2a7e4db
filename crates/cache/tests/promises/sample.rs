//! A cache to tell stories about, on every store there is.

use std::sync::Arc;
use std::time::Duration;

use cache::{Cache, DEFAULT_LIMIT_BYTES};
use testkit::StillClock;

/// Long enough that no story sees its end by accident.
pub const LONG: Duration = Duration::from_mins(10);
/// Short enough to be waited for.
pub const SHORT: Duration = Duration::from_millis(50);

/// A cache that nobody else uses, and its time.
#[derive(Clone)]
pub struct Sample {
    pub cache: Cache,
    clock: StillClock,
}

impl Sample {
    pub fn in_memory() -> Self {
        let clock = StillClock::default();
        Self { cache: Cache::in_memory(DEFAULT_LIMIT_BYTES, Arc::new(clock.clone())), clock }
    }

    /// Lets that much time pass for the cache.
    #[expect(clippy::unused_async, reason = "a server's clock can only be waited for")]
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// What is under this key, as text.
    pub async fn text(&self, key: &str) -> Option<String> {
        let value = self.cache.get(key).await.unwrap()?;
        Some(String::from_utf8(value.to_vec()).unwrap())
    }
}

/// Writes one story into a test for every store: `NAME::memory`.
macro_rules! on_every_store {
    ($(async fn $name:ident($sample:ident) $story:block)+) => { $(
        async fn $name($sample: $crate::promises::sample::Sample) $story

        mod $name {
            #[test]
            fn memory() {
                testkit::run(super::$name($crate::promises::sample::Sample::in_memory()));
            }
        }
    )+ };
}
pub(crate) use on_every_store;
