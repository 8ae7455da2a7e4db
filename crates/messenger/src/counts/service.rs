//! What can be asked of the counts.

use std::sync::Arc;

use async_trait::async_trait;
use types::{Clock, Result};

use super::{Of, Piece, pieces};

/// Where counts are kept.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait CountStore: Send + Sync {
    /// How many messages these buckets have, all of them at one moment.
    async fn sum(&self, of: Of, pieces: &[Piece]) -> Result<i64>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Counts {
    store: Arc<dyn CountStore>,
    clock: Arc<dyn Clock>,
}

impl Counts {
    /// Over this store.
    pub fn new(store: Arc<dyn CountStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// How many messages that are processed were written in these seconds, both ends included; none when the end comes
    /// before the beginning.
    pub async fn count(&self, of: Of, since: i64, to: i64) -> Result<i64> {
        self.store.sum(of, &pieces(since, to)).await
    }

    /// The present second.
    pub fn now(&self) -> i64 {
        self.clock.now().seconds()
    }
}

#[cfg(test)]
mod tests {
    use testkit::StillClock;

    use super::*;

    #[test]
    fn a_count_is_what_its_pieces_have() {
        testkit::run(async {
            let mut store = MockCountStore::new();
            store.expect_sum().times(1).returning(|of, asked| {
                assert_eq!((of, asked), (Of::All, &*pieces(86_399, 3 * 86_400)));
                Ok(2)
            });
            let counts = Counts::new(Arc::new(store), Arc::new(StillClock::default()));
            assert_eq!(counts.count(Of::All, 86_399, 3 * 86_400).await.unwrap(), 2);
        });
    }
}
