//! Tasks in the database.

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Rows, Sql, UnlessMissed, sized, sql};
use types::{Result, TaskId, Timestamp, UserId};

use crate::order::Place;
use crate::service::{Filter, TaskStore};
use crate::task::Task;

/// Tasks in the table `tasks`.
pub struct SqlTasks {
    db: Db,
}

impl SqlTasks {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    async fn list_all(&self, owner: UserId, filter: Filter) -> Result<Vec<Task>> {
        let list = sql!(
            "select id, title, note, completed, position, version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null",
            owner
        )
        .opt(" and id < ?", filter.before)
        .push(" order by id desc limit ?")
        .bind(filter.limit);
        Ok(self.db.all(list).await?)
    }

    async fn one(&self, sql: Sql) -> Result<Option<Task>> {
        Ok(self.db.first(sql).await?)
    }

    async fn changed(&self, sql: Sql, along: Along) -> Result<bool> {
        Ok(self.db.write(Batch::of_one(sql).along(along)).await.unless_missed()?)
    }
}

#[async_trait]
impl TaskStore for SqlTasks {
    async fn insert(&self, owner: UserId, task: &Task, along: Along) -> Result<()> {
        let insert = sql!(
            "insert into tasks (owner_id, gone, id, title, note, completed, position, version, created_at, updated_at) \
             values (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
            owner,
            task.id,
            task.title.as_str(),
            task.note.as_deref(),
            task.completed,
            task.position,
            task.version,
            task.created_at,
            task.updated_at
        );
        Ok(self.db.write(Batch::of_one(insert).along(along)).await?)
    }

    async fn find(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, position, version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 0 and id = ? and deleted_at is null",
            owner,
            id
        ))
        .await
    }

    async fn list(&self, owner: UserId, filter: Filter) -> Result<Vec<Task>> {
        let Some(completed) = filter.completed else { return self.list_all(owner, filter).await };
        // The few that are wanted are found in the index before their rows are looked at: a range of the table alone
        // would be read to its end for the last completed one among millions. `cross` keeps the order of the two.
        let picked =
            sql!("select id from tasks where owner_id = ? and gone = 0 and completed = ?", owner, completed)
                .opt(" and id < ?", filter.before)
                .push(" order by id desc limit ?")
                .bind(filter.limit);
        let list = sql!(
            "select t.id, t.title, t.note, t.completed, t.position, t.version, t.created_at, t.updated_at \
             from picked cross join tasks t \
             where t.owner_id = ? and t.gone = 0 and t.id = picked.id and t.deleted_at is null order by t.id desc",
            owner
        );
        Ok(self.db.all(list.with("picked", picked)).await?)
    }

    async fn in_order(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Task>> {
        let position = after.map(|place| place.position);
        let list = sql!(
            "select id, title, note, completed, position, version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null",
            owner
        )
        .opt(" and position >= ?", position)
        .opt(" and (position > ?", position)
        .opt(" or id > ?)", after.map(|place| place.id))
        .push(" order by position, id limit ?")
        .bind(limit);
        Ok(self.db.scan(list).await?)
    }

    async fn count_open(&self, owner: UserId, most: i64) -> Result<i64> {
        let count = sql!(
            "select count(*) from (select id from tasks \
             where owner_id = ? and gone = 0 and completed = 0 order by id limit ?) counted",
            owner,
            most
        );
        Ok(self.db.first(count).await?.unwrap_or_default())
    }

    async fn update(&self, owner: UserId, task: &Task, along: Along) -> Result<bool> {
        let update = sql!(
            "update tasks set title = ?, note = ?, completed = ?, version = ?, updated_at = ? \
             where owner_id = ? and gone = 0 and id = ? and version = ? and deleted_at is null",
            task.title.as_str(),
            task.note.as_deref(),
            task.completed,
            task.version,
            task.updated_at,
            owner,
            task.id,
            task.version - 1
        );
        self.changed(update, along).await
    }

    async fn delete(&self, owner: UserId, task: &Task, now: Timestamp, along: Along) -> Result<bool> {
        let delete = sql!(
            "update tasks set gone = 1, deleted_at = ?, version = version + 1, updated_at = ? \
             where owner_id = ? and gone = 0 and id = ? and version = ? and deleted_at is null",
            now,
            now,
            owner,
            task.id,
            task.version
        );
        self.changed(delete, along).await
    }

    async fn find_deleted(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, position, version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 1 and id = ?",
            owner,
            id
        ))
        .await
    }

    async fn restore(&self, owner: UserId, task: &Task, now: Timestamp, along: Along) -> Result<bool> {
        let restore = sql!(
            "update tasks set gone = 0, deleted_at = null, version = version + 1, updated_at = ? \
             where owner_id = ? and gone = 1 and id = ? and version = ?",
            now,
            owner,
            task.id,
            task.version
        );
        self.changed(restore, along).await
    }
    async fn newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<TaskId>> {
        let newest =
            sql!("select id from tasks where owner_id = ? and gone = 0 and deleted_at is null", owner)
                .opt(" and id < ?", before)
                .push(" order by id desc limit ?")
                .bind(limit);
        let ids: Vec<i64> = self.db.all(newest).await?;
        Ok(ids.into_iter().map(TaskId::trusted).collect())
    }

    async fn delete_all(&self, owner: UserId, ids: &[TaskId], now: Timestamp, along: Along) -> Result<bool> {
        let mut batch = Batch::new();
        for part in sized(ids.to_vec()) {
            let rows = Rows::Exactly(part.len() as u64);
            let delete = sql!(
                "update tasks set gone = 1, deleted_at = ?, version = version + 1, updated_at = ? \
                 where owner_id = ? and gone = 0 and deleted_at is null and id in ",
                now,
                now,
                owner
            );
            batch = batch.step(delete.within(part), rows);
        }
        Ok(self.db.write(batch.along(along)).await.unless_missed()?)
    }
}

impl FromRow for Task {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            note: row.get(2)?,
            completed: row.get(3)?,
            position: row.get(4)?,
            version: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
        })
    }
}
