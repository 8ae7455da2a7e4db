//! Blocks in the database.

use async_trait::async_trait;
use db::{Batch, Db, FromRow, Row, sql};
use types::{Result, Timestamp, UserId};

use super::Blocked;
use super::service::BlockStore;

/// Blocks in the table `blocks`.
pub struct SqlBlocks {
    db: Db,
}

impl SqlBlocks {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl BlockStore for SqlBlocks {
    async fn block(&self, user: UserId, blocked: UserId, now: Timestamp) -> Result<()> {
        let insert = sql!(
            "insert into blocks (user_id, blocked_id, created_at) values (?, ?, ?) \
             on conflict (user_id, blocked_id) do nothing",
            user,
            blocked,
            now
        );
        Ok(self.db.write(Batch::new().any(insert)).await?)
    }

    async fn unblock(&self, user: UserId, blocked: UserId) -> Result<()> {
        let delete = sql!("delete from blocks where user_id = ? and blocked_id = ?", user, blocked);
        Ok(self.db.write(Batch::new().any(delete)).await?)
    }

    async fn list(&self, user: UserId, after: Option<UserId>, limit: i64) -> Result<Vec<Blocked>> {
        let list = sql!("select blocked_id, created_at from blocks where user_id = ?", user)
            .opt(" and blocked_id > ?", after)
            .push(" order by blocked_id limit ?")
            .bind(limit);
        Ok(self.db.all(list).await?)
    }

    async fn forget(&self, user: UserId) -> Result<()> {
        let own = sql!("delete from blocks where user_id = ?", user);
        let of_them = sql!("delete from blocks where blocked_id = ?", user);
        Ok(self.db.write(Batch::new().any(own).any(of_them)).await?)
    }
}

impl FromRow for Blocked {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self { user: row.get(0)?, created_at: row.get(1)? })
    }
}
