//! A cache to tell stories about, on every store there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
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
    /// A server's clock cannot be moved.
    clock: Option<StillClock>,
}

impl Sample {
    pub fn in_memory() -> Self {
        let clock = StillClock::default();
        let cache = Cache::in_memory(DEFAULT_LIMIT_BYTES, Arc::new(clock.clone()));
        Self { cache, clock: Some(clock) }
    }

    /// A corner of its own on the server of `DAYBOOK_TEST_REDIS`.
    pub fn on_redis() -> Self {
        static SAMPLES: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("DAYBOOK_TEST_REDIS").expect("DAYBOOK_TEST_REDIS must name a server");
        let prefix = format!("{}-{}:", std::process::id(), SAMPLES.fetch_add(1, Ordering::Relaxed));
        Self { cache: Cache::redis(&server, &prefix).unwrap(), clock: None }
    }

    /// Lets that much time pass for the cache.
    pub async fn pass(&self, time: Duration) {
        match &self.clock {
            Some(clock) => clock.advance(time),
            // A server looks at whole milliseconds, and sees a value for one more.
            None => tokio::time::sleep(time + Duration::from_millis(2)).await,
        }
    }

    /// What is under this key, as text.
    pub async fn text(&self, key: &str) -> Option<String> {
        let value = self.cache.get(key).await.unwrap()?;
        Some(String::from_utf8(value.to_vec()).unwrap())
    }
}

/// Writes one story into a test for every store: `NAME::memory` and, ignored unless a server is there, `NAME::redis`.
macro_rules! on_every_store {
    ($(async fn $name:ident($sample:ident) $story:block)+) => { $(
        async fn $name($sample: $crate::promises::sample::Sample) $story

        mod $name {
            #[test]
            fn memory() {
                testkit::run(super::$name($crate::promises::sample::Sample::in_memory()));
            }
            #[test]
            #[ignore = "needs Redis"]
            fn redis() {
                testkit::run(async { super::$name($crate::promises::sample::Sample::on_redis()).await });
            }
        }
    )+ };
}
pub(crate) use on_every_store;
