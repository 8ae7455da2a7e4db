//! Counts in the database.

use async_trait::async_trait;
use db::{Batch, Db, Sql, sql};
use types::Result;

use super::service::CountStore;
use super::{EVERYBODY, Of, Piece, Tally};

/// Buckets of a range that are read in passing; days of many years are not.
const MANY: i64 = 200;

/// Counts in the table `message_counts`.
pub struct SqlCounts {
    db: Db,
}

impl SqlCounts {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Tally {
    /// Adds what was counted, in the transaction of what it counts.
    pub fn written(self, batch: Batch) -> Batch {
        batch.bulk_upsert(
            "insert into message_counts (series, start, subject, messages) values",
            self.rows(),
            "on conflict (series, start, subject) do update set messages = message_counts.messages + excluded.messages",
        )
    }
}

#[async_trait]
impl CountStore for SqlCounts {
    async fn sum(&self, of: Of, pieces: &[Piece]) -> Result<i64> {
        if pieces.is_empty() {
            return Ok(0);
        }
        let counts = Sql::together(pieces.iter().map(|piece| buckets(of, *piece)));
        let is_long = pieces.iter().any(|piece| (piece.last - piece.first) / piece.grain.length() > MANY);
        let sums: Vec<Option<i64>> =
            if is_long { self.db.scan(counts).await? } else { self.db.all(counts).await? };
        Ok(sums.into_iter().flatten().sum())
    }
}

/// What these buckets count for; nothing where there are none.
fn buckets(of: Of, piece: Piece) -> Sql {
    // The moments at which there was a message at all lead to the rows, few as they are, each by its key.
    sql!(
        "select sum(c.messages * ?) from message_counts a cross join message_counts c \
         where a.series = ? and a.start >= ? and a.start <= ? and a.subject = ? \
         and c.series = ? and c.start = a.start and c.subject = ?",
        piece.sign,
        Of::All.series(piece.grain),
        piece.first,
        piece.last,
        EVERYBODY,
        of.series(piece.grain),
        of.subject()
    )
}
