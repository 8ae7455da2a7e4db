//! Codes in the database.

use std::time::Duration;

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, UnlessMissed, sql};
use types::{Result, Timestamp};

use super::service::CodeStore;
use super::{Code, CodeId, Place};

/// Codes in the table `codes`.
pub struct SqlCodes {
    db: Db,
}

impl SqlCodes {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl CodeStore for SqlCodes {
    async fn last(&self, place: &Place) -> Result<Option<Code>> {
        let find = sql!(
            "select id, is_real, sent, sent_at, expires_at from codes where reason = ? and target = ?",
            place.reason(),
            place.target()
        );
        Ok(self.db.first(find).await?)
    }

    async fn put(
        &self,
        place: &Place,
        code: &Code,
        last: Option<CodeId>,
        _: Duration,
        along: Along,
    ) -> Result<bool> {
        let batch = match last {
            None => first(place, code),
            Some(last) => Batch::of_one(sql!(
                "update codes set id = ?, is_real = ?, sent = ?, sent_at = ?, tries = 0, used = 0, expires_at = ? \
                 where reason = ? and target = ? and id = ?",
                code.id,
                code.is_real,
                code.sent,
                code.sent_at,
                code.expires_at,
                place.reason(),
                place.target(),
                last
            )),
        };
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }

    async fn look(&self, place: &Place, code: CodeId, most: i64, now: Timestamp) -> Result<bool> {
        let look = sql!(
            "update codes set tries = tries + 1 where reason = ? and target = ? and id = ? and tries < ? \
             and used = 0 and expires_at > ?",
            place.reason(),
            place.target(),
            code,
            most,
            now
        );
        Ok(self.db.write(Batch::of_one(look)).await.unless_missed()?)
    }

    async fn use_up(&self, place: &Place, code: CodeId) -> Result<bool> {
        let used = sql!(
            "update codes set used = 1 where reason = ? and target = ? and id = ? and used = 0",
            place.reason(),
            place.target(),
            code
        );
        Ok(self.db.write(Batch::of_one(used)).await.unless_missed()?)
    }
}

/// The first code for a place. Whether it is that is looked at afterwards: how many rows an insert touches that passed
/// over one which was there differs between engines.
fn first(place: &Place, code: &Code) -> Batch {
    let insert = sql!(
        "insert into codes (reason, target, id, is_real, sent, sent_at, tries, used, expires_at) \
         values (?, ?, ?, ?, ?, ?, 0, 0, ?) on conflict (reason, target) do nothing",
        place.reason(),
        place.target(),
        code.id,
        code.is_real,
        code.sent,
        code.sent_at,
        code.expires_at
    );
    let is_first = sql!(
        "update codes set tries = 0 where reason = ? and target = ? and id = ?",
        place.reason(),
        place.target(),
        code.id
    );
    Batch::new().any(insert).one(is_first)
}

impl FromRow for Code {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            is_real: row.get(1)?,
            sent: row.get(2)?,
            sent_at: row.get(3)?,
            expires_at: row.get(4)?,
        })
    }
}
