//! Tasks in the database.

mod reading;

use async_trait::async_trait;
use db::{Along, Batch, Db, FromRow, Row, Rows, Sql, UnlessMissed, Value, sized, sql};
use types::{Error, Result, TaskId, Timestamp, UserId};

use crate::due::Due;
use crate::order::{Moved, Place};
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
        self.insert_all(owner, std::slice::from_ref(task), along).await
    }

    async fn insert_all(&self, owner: UserId, tasks: &[Task], along: Along) -> Result<()> {
        let rows = tasks.iter().map(|task| values(owner, task)).collect::<Result<_>>()?;
        let marks = tasks.iter().flat_map(|task| marks(owner, task.id, &task.marks())).collect();
        let batch = Batch::new()
            .bulk(
                "insert into tasks (owner_id, gone, id, title, note, completed, priority, due_on, due_at, due_zone, \
                 labels, parent_id, list_id, position, version, created_at, updated_at) values",
                rows,
            )
            .bulk("insert into task_marks (owner_id, mark, id) values", marks);
        Ok(self.db.write(batch.along(along)).await?)
    }

    async fn find_all(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<Task>> {
        let list = sql!(
            "select id, title, note, completed, priority, due_on, due_at, due_zone, labels, parent_id, list_id, position, \
             version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 0 and deleted_at is null and id in ",
            owner
        );
        Ok(self.db.all(list.within(ids.iter().copied())).await?)
    }

    async fn find(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, priority, due_on, due_at, due_zone, labels, parent_id, list_id, position, \
             version, created_at, updated_at from tasks \
             where owner_id = ? and gone = 0 and id = ? and deleted_at is null",
            owner,
            id
        ))
        .await
    }

    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>> {
        self.listed(owner, filter).await
    }

    async fn in_order(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Task>> {
        self.ordered(owner, None, after, limit).await
    }

    async fn newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<TaskId>> {
        let newest =
            sql!("select id from tasks where owner_id = ? and gone = 0 and deleted_at is null", owner)
                .opt(" and id < ?", before)
                .push(" order by id desc limit ?")
                .bind(limit);
        Ok(self.db.all(newest).await?)
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
        let mut batch = Batch::of_one(delete);
        if !task.marks().is_empty() {
            batch = batch.any(sql!("delete from task_marks where owner_id = ? and id = ?", owner, task.id));
        }
        self.changed(batch.along(along)).await
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
            batch =
                batch.any(sql!("delete from task_marks where owner_id = ? and id in ", owner).within(part));
        }
        self.changed(batch.along(along)).await
    }

    async fn find_deleted(&self, owner: UserId, id: TaskId) -> Result<Option<Task>> {
        self.one(sql!(
            "select id, title, note, completed, priority, due_on, due_at, due_zone, labels, parent_id, list_id, position, \
             version, created_at, updated_at from tasks where owner_id = ? and gone = 1 and id = ?",
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
        self.changed(marked(Batch::of_one(restore), owner, task.id, &task.marks()).along(along)).await
    }

    async fn spread(&self, owner: UserId, moved: &[Moved], now: Timestamp, along: Along) -> Result<bool> {
        let mut batch = Batch::new();
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
        "update tasks set title = ?, note = ?, completed = ?, priority = ?, due_on = ?, due_at = ?, due_zone = ?, \
             labels = ?, parent_id = ?, list_id = ?, position = ?, version = ?, updated_at = ? \
             where owner_id = ? and gone = 0 and id = ? and version = ? and deleted_at is null",
        task.title.as_str(),
        task.note.as_deref(),
        task.completed,
        task.priority,
        task.due.on.as_deref(),
        task.due.at,
        task.due.zone.as_deref(),
        labels(task)?,
        task.parent,
        task.list,
        task.position,
        task.version,
        task.updated_at,
        owner,
        task.id,
        before.version
    );
    let (old, new) = (before.marks(), task.marks());
    let less: Vec<String> = old.iter().filter(|mark| !new.contains(mark)).cloned().collect();
    let more: Vec<String> = new.into_iter().filter(|mark| !old.contains(mark)).collect();
    let mut batch = batch.one(update);
    if !less.is_empty() {
        let unmark =
            sql!("delete from task_marks where owner_id = ? and id = ? and mark in ", owner, task.id);
        batch = batch.any(unmark.within(less));
    }
    Ok(marked(batch, owner, task.id, &more))
}

/// Adds these marks of a task.
fn marked(batch: Batch, owner: UserId, task: TaskId, marks: &[String]) -> Batch {
    batch.bulk("insert into task_marks (owner_id, mark, id) values", self::marks(owner, task, marks))
}

fn marks(owner: UserId, task: TaskId, marks: &[String]) -> Vec<Vec<Value>> {
    marks.iter().map(|mark| vec![owner.into(), mark.as_str().into(), task.into()]).collect()
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
        task.priority.into(),
        task.due.on.as_deref().into(),
        task.due.at.into(),
        task.due.zone.as_deref().into(),
        labels(task)?.into(),
        task.parent.into(),
        task.list.into(),
        task.position.into(),
        task.version.into(),
        task.created_at.into(),
        task.updated_at.into(),
    ])
}

/// The labels as they are kept; most tasks have none.
fn labels(task: &Task) -> Result<Option<String>> {
    let text = (!task.labels.is_empty()).then(|| serde_json::to_string(&task.labels)).transpose();
    text.map_err(|error| Error::internal_by("labels cannot be written as JSON", error))
}

impl FromRow for Task {
    fn from_row(row: &Row<'_>) -> db::Result<Self> {
        let labels: Option<String> = row.get(8)?;
        let labels = labels.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            note: row.get(2)?,
            completed: row.get(3)?,
            priority: row.get(4)?,
            due: Due { on: row.get(5)?, at: row.get(6)?, zone: row.get(7)? },
            labels: labels
                .map_err(|e| db::Error::Other(format!("labels are no JSON: {e}")))?
                .unwrap_or_default(),
            parent: row.get(9)?,
            list: row.get(10)?,
            position: row.get(11)?,
            version: row.get(12)?,
            created_at: row.get(13)?,
            updated_at: row.get(14)?,
        })
    }
}
