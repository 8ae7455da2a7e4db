//! Lists in the database.

use api::idempotency::{self, Key, Made};
use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, UnlessMissed, sized, sql};
use types::{ListId, Result, Timestamp, UserId};

use super::{List, ListStore};

/// How many are removed at once.
const PORTION: i64 = 200;

/// Lists in the table `task_lists`.
pub struct SqlLists {
    db: Db,
}

impl SqlLists {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl ListStore for SqlLists {
    async fn insert(&self, owner: UserId, list: &List, along: Along) -> Result<()> {
        let insert = sql!(
            "insert into task_lists (owner_id, id, name, version, created_at, updated_at) values (?, ?, ?, ?, ?, ?)",
            owner,
            list.id,
            list.name.as_str(),
            list.version,
            list.created_at,
            list.updated_at
        );
        Ok(self.db.write(Batch::of_one(insert).along(along)).await?)
    }

    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>> {
        Ok(idempotency::found(&self.db, owner, key).await?)
    }

    async fn find(&self, owner: UserId, id: ListId) -> Result<Option<List>> {
        let find = sql!(
            "select id, name, version, created_at, updated_at from task_lists \
             where owner_id = ? and id = ? and deleted_at is null",
            owner,
            id
        );
        Ok(self.db.first(find).await?)
    }

    async fn all(&self, owner: UserId) -> Result<Vec<List>> {
        let all = sql!(
            "select id, name, version, created_at, updated_at from task_lists \
             where owner_id = ? and deleted_at is null order by id",
            owner
        );
        Ok(self.db.all(all).await?)
    }

    async fn update(&self, owner: UserId, list: &List) -> Result<bool> {
        let update = sql!(
            "update task_lists set name = ?, version = ?, updated_at = ? \
             where owner_id = ? and id = ? and version = ? and deleted_at is null",
            list.name.as_str(),
            list.version,
            list.updated_at,
            owner,
            list.id,
            list.version - 1
        );
        Ok(self.db.write(Batch::of_one(update)).await.unless_missed()?)
    }

    async fn delete(&self, owner: UserId, list: &List, now: Timestamp) -> Result<bool> {
        let delete = sql!(
            "update task_lists set deleted_at = ?, version = version + 1, updated_at = ? \
             where owner_id = ? and id = ? and version = ? and deleted_at is null",
            now,
            now,
            owner,
            list.id,
            list.version
        );
        Ok(self.db.write(Batch::of_one(delete)).await.unless_missed()?)
    }

    async fn forget_some(&self, owner: UserId) -> Result<bool> {
        let some = sql!("select id from task_lists where owner_id = ? order by id limit ?", owner, PORTION);
        let some: Vec<ListId> = self.db.all(some).await?;
        let batch = sized(some.clone()).fold(Batch::new(), |batch, ids| {
            batch.any(sql!("delete from task_lists where owner_id = ? and id in ", owner).within(ids))
        });
        self.db.write(batch).await?;
        Ok(!some.is_empty())
    }
}

impl FromRow for List {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            version: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
        })
    }
}
