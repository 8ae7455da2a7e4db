//! Tasks in the database.

mod deleted;
mod marking;
mod placed;
mod reading;
mod searching;

use api::idempotency::{self, Key, Made};
use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Rows, Sql, UnlessMissed, Value, sized, sql};
use types::{Error, Result, TaskId, Timestamp, UserId};

use crate::details::Details;
use crate::filter::{Filter, Found};
use crate::order::{Moved, Place};
use crate::service::TaskStore;
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

    async fn one(&self, sql: Sql) -> Result<Option<Task>> {
        Ok(self.db.first(sql).await?)
    }

    async fn changed(&self, batch: Batch) -> Result<bool> {
        Ok(self.db.write(batch).await.unless_missed()?)
    }
}

#[async_trait]
impl TaskStore for SqlTasks {
    async fn insert(&self, owner: UserId, task: &Task, along: Along) -> Result<()> {
        let insert = sql!(
            "insert into tasks (owner_id, gone, id, title, note, completed, details, position, version, created_at, updated_at) \
             values (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            owner,
            task.id,
            task.title.as_str(),
            task.note.as_deref(),
            task.completed,
            details(task)?,
            task.position,
            task.version,
            task.created_at,
            task.updated_at
        );
        let batch = marking::added(Batch::of_one(insert), owner, task.id, &task.marks());
        Ok(self.db.write(batch.along(along)).await?)
    }

    async fn insert_all(&self, owner: UserId, tasks: &[Task], along: Along) -> Result<()> {
        let rows = tasks.iter().map(|task| values(owner, task)).collect::<Result<_>>()?;
        let marks = tasks.iter().flat_map(|task| marking::values(owner, task.id, &task.marks())).collect();
        let batch = Batch::new()
            .bulk(
                "insert into tasks (owner_id, gone, id, title, note, completed, details, position, version, created_at, \
                 updated_at) values",
                rows,
            )
            .bulk(marking::INSERT, marks);
        Ok(self.db.write(batch.along(along)).await?)
    }

    async fn find_all(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<Task>> {
        let list = sql!(
            "select id, title, note, completed, position, version, created_at, updated_at, details from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null and id in ",
            owner
        );
        Ok(self.db.all(list.within(ids.iter().copied())).await?)
    }

    async fn gone(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<TaskId>> {
        let gone = sql!("select id from tasks where owner_id = ? and gone = 1 and id in ", owner);
        Ok(self.db.all(gone.within(ids.iter().copied())).await?)
    }

    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>> {
        Ok(idempotency::found(&self.db, owner, key).await?)
    }

    async fn find(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, position, version, created_at, updated_at, details from tasks \
             where owner_id = ? and gone = 0 and id = ? and deleted_at is null",
            owner,
            id
        ))
        .await
    }

    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>> {
        self.listed(owner, filter).await
    }

    async fn search(&self, owner: UserId, words: &[String], filter: &Filter) -> Result<Found> {
        self.searched(owner, words, filter).await
    }

    async fn in_order(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Task>> {
        self.ordered(owner, None, after, limit).await
    }

    async fn places(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
        self.places_after(owner, after, limit).await
    }

    async fn newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<TaskId>> {
        let newest =
            sql!("select id from tasks where owner_id = ? and gone = 0 and deleted_at is null", owner)
                .opt(" and id < ?", before)
                .push(" order by id desc limit ?")
                .bind(limit);
        Ok(self.db.all(newest).await?)
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

    async fn update(&self, owner: UserId, before: &Task, task: &Task, along: Along) -> Result<bool> {
        self.changed(replaced(Batch::new(), owner, before, task)?.along(along)).await
    }

    async fn update_all(&self, owner: UserId, changes: &[(Task, Task)], along: Along) -> Result<bool> {
        let mut batch = Batch::new();
        for (before, task) in changes {
            batch = replaced(batch, owner, before, task)?;
        }
        self.changed(batch.along(along)).await
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
        let batch = marking::removed(Batch::of_one(delete), owner, task.id, &task.marks());
        self.changed(deleted::noted(batch, owner, &[task.id], now).along(along)).await
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
            batch = batch.step(delete.within(part.iter().copied()), rows);
            batch = marking::removed_all(batch, owner, part);
        }
        self.changed(deleted::noted(batch, owner, ids, now).along(along)).await
    }

    async fn find_deleted(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, position, version, created_at, updated_at, details from tasks \
             where owner_id = ? and gone = 1 and id = ?",
            owner,
            id
        ))
        .await
    }

    async fn restore(&self, owner: UserId, before: &Task, task: &Task, along: Along) -> Result<bool> {
        let restore = sql!(
            "update tasks set gone = 0, deleted_at = null, details = ?, version = ?, updated_at = ? \
             where owner_id = ? and gone = 1 and id = ? and version = ?",
            details(task)?,
            task.version,
            task.updated_at,
            owner,
            task.id,
            before.version
        );
        let batch = marking::added(Batch::of_one(restore), owner, task.id, &task.marks());
        self.changed(batch.along(along)).await
    }

    async fn move_all(&self, owner: UserId, moved: &[Moved], now: Timestamp, along: Along) -> Result<bool> {
        let mut batch = marking::placed(Batch::new(), owner, moved);
        for Moved { id, from, to } in moved {
            batch = batch.one(sql!(
                "update tasks set position = ?, version = version + 1, updated_at = ? \
                 where owner_id = ? and gone = 0 and id = ? and position = ? and deleted_at is null",
                *to,
                now,
                owner,
                *id,
                *from
            ));
        }
        self.changed(batch.along(along)).await
    }
}

/// Adds what makes a task the next version of itself.
fn replaced(batch: Batch, owner: UserId, before: &Task, task: &Task) -> Result<Batch> {
    let update = sql!(
        "update tasks set title = ?, note = ?, completed = ?, details = ?, position = ?, version = ?, updated_at = ? \
         where owner_id = ? and gone = 0 and id = ? and version = ? and deleted_at is null",
        task.title.as_str(),
        task.note.as_deref(),
        task.completed,
        details(task)?,
        task.position,
        task.version,
        task.updated_at,
        owner,
        task.id,
        before.version
    );
    Ok(marking::replaced(batch.one(update), owner, before, task))
}

/// A task as a row, in the order of the columns.
fn values(owner: UserId, task: &Task) -> Result<Vec<Value>> {
    Ok(vec![
        owner.into(),
        0.into(),
        task.id.into(),
        task.title.as_str().into(),
        task.note.as_deref().into(),
        task.completed.into(),
        details(task)?.into(),
        task.position.into(),
        task.version.into(),
        task.created_at.into(),
        task.updated_at.into(),
    ])
}

/// What few tasks have, as it is kept.
fn details(task: &Task) -> Result<Option<String>> {
    let text = task.details.as_ref().map(serde_json::to_string).transpose();
    text.map_err(|error| Error::internal_by("details cannot be written as JSON", error))
}

impl FromRow for Task {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let details: Option<String> = row.get(8)?;
        let details: Option<Box<Details>> =
            details.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| unreadable(&e))?;
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            note: row.get(2)?,
            completed: row.get(3)?,
            position: row.get(4)?,
            version: row.get(5)?,
            created_at: row.get(6)?,
            updated_at: row.get(7)?,
            details,
        })
    }
}

fn unreadable(error: &serde_json::Error) -> db::Error {
    db::Error::Other(format!("details of a task are no JSON: {error}"))
}
