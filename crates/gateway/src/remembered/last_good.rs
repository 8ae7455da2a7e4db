//! The last good piece of each section of somebody's home: better a little old than missing, when its service fails.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use cache::Cache;
use types::{Clock, Timestamp, UserId};

/// For how long a piece is good enough.
const GOOD: Duration = Duration::from_secs(30);
/// Bytes before a piece: when it was made.
const HEAD: usize = 8;

/// Pieces by user and section, in this process's memory. Cheap to clone.
#[derive(Clone)]
pub struct LastGood {
    cache: Cache,
    clock: Arc<dyn Clock>,
}

impl LastGood {
    /// With room for so many bytes; beyond them the oldest pieces go.
    pub fn new(limit_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        Self { cache: Cache::in_memory(limit_bytes, clock.clone()), clock }
    }

    /// Keeps a piece in the place of the one before.
    pub async fn put(&self, user: UserId, section: &str, piece: &[u8]) {
        let mut bytes = BytesMut::with_capacity(HEAD + piece.len());
        bytes.put_i64(self.clock.now().micros());
        bytes.put_slice(piece);
        let key = key(user, section);
        // One that there is no room for must not leave an older one in its place.
        if self.cache.put(&key, &bytes, GOOD).await.is_err() {
            drop(self.cache.remove(&key).await);
        }
    }

    /// The last piece, unless it is too old, and how old it is.
    pub async fn get(&self, user: UserId, section: &str) -> Option<(Bytes, Duration)> {
        let bytes = self.cache.get(&key(user, section)).await.ok()??;
        let made = Timestamp::from_micros(i64::from_be_bytes(*bytes.first_chunk()?));
        Some((bytes.slice(HEAD..), self.clock.now().since(made)))
    }
}

fn key(user: UserId, section: &str) -> String {
    format!("gateway:section:{user}:{section}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::StillClock;

    const ANNA: UserId = UserId::trusted(17);
    const BORIS: UserId = UserId::trusted(18);

    fn pieces() -> (LastGood, StillClock) {
        let clock = StillClock::default();
        (LastGood::new(10_000, Arc::new(clock.clone())), clock)
    }

    async fn text(pieces: &LastGood, user: UserId, section: &str) -> Option<(String, Duration)> {
        let (bytes, age) = pieces.get(user, section).await?;
        Some((String::from_utf8(bytes.to_vec()).unwrap(), age))
    }

    #[tokio::test]
    async fn the_last_piece_is_there_for_half_a_minute_and_says_how_old_it_is() {
        let (pieces, clock) = pieces();
        pieces.put(ANNA, "tasks", b"one").await;
        clock.advance(Duration::from_secs(10));
        assert_eq!(text(&pieces, ANNA, "tasks").await, Some(("one".into(), Duration::from_secs(10))));
        pieces.put(ANNA, "tasks", b"two").await;
        clock.advance(GOOD.saturating_sub(Duration::from_millis(1)));
        assert_eq!(text(&pieces, ANNA, "tasks").await.unwrap().0, "two");
        clock.advance(Duration::from_millis(1));
        assert_eq!(text(&pieces, ANNA, "tasks").await, None);
    }

    #[tokio::test]
    async fn a_piece_is_one_persons_and_one_sections() {
        let (pieces, _) = pieces();
        pieces.put(ANNA, "tasks", b"hers").await;
        pieces.put(BORIS, "tasks", b"his").await;
        pieces.put(ANNA, "events", b"").await;
        assert_eq!(text(&pieces, ANNA, "tasks").await.unwrap().0, "hers");
        assert_eq!(text(&pieces, BORIS, "tasks").await.unwrap().0, "his");
        assert_eq!(text(&pieces, ANNA, "events").await.unwrap().0, "");
        assert_eq!(text(&pieces, BORIS, "events").await, None);
    }

    #[tokio::test]
    async fn memory_is_bounded_and_a_piece_that_does_not_fit_leaves_no_older_one() {
        let (pieces, clock) = pieces();
        for user in 1..=100 {
            pieces.put(UserId::trusted(user), "tasks", &[b'x'; 1_000]).await;
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!(text(&pieces, UserId::trusted(1), "tasks").await, None);
        assert_eq!(text(&pieces, UserId::trusted(100), "tasks").await.unwrap().0.len(), 1_000);
        pieces.put(ANNA, "tasks", b"small").await;
        pieces.put(ANNA, "tasks", &vec![b'x'; 20_000]).await;
        assert_eq!(text(&pieces, ANNA, "tasks").await, None);
    }
}
