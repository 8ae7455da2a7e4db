//! What reports are made of.

use async_trait::async_trait;
use db::Db;
use jobs::errands::report::{Rows, Source};
use tasks::{Details, Filter, Order, SqlTasks, Task, TaskStore};
use types::{Result, TaskId, UserId};

/// Tasks of a page.
const PAGE: i64 = 200;

/// A person's tasks, newest first.
pub struct TaskRows {
    store: SqlTasks,
}

impl TaskRows {
    /// In this database.
    pub fn new(db: &Db) -> Self {
        Self { store: SqlTasks::new(db.clone()) }
    }
}

#[async_trait]
impl Source for TaskRows {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn columns(&self) -> &'static [&'static str] {
        &[
            "id",
            "title",
            "note",
            "completed",
            "priority",
            "due_on",
            "due_at",
            "due_zone",
            "labels",
            "parent_id",
            "list_id",
            "created_at",
            "updated_at",
        ]
    }

    async fn page(&self, person: UserId, after: Option<i64>) -> Result<Rows> {
        let order = Order::Newest { before: after.map(TaskId::trusted) };
        let tasks = self.store.list(person, &Filter { order, limit: PAGE, ..Filter::default() }).await?;
        let is_full = i64::try_from(tasks.len()).is_ok_and(|found| found == PAGE);
        let next = tasks.last().filter(|_| is_full).map(|task| task.id.number());
        Ok(Rows { rows: tasks.into_iter().map(row).collect(), next })
    }
}

fn row(task: Task) -> Vec<String> {
    let Details { priority, due_on, due_at, due_zone, labels, parent_id, list_id } =
        task.details.map(|details| *details).unwrap_or_default();
    vec![
        task.id.to_string(),
        task.title,
        task.note.unwrap_or_default(),
        task.completed.to_string(),
        priority.to_string(),
        due_on.unwrap_or_default(),
        shown(due_at.as_ref()),
        due_zone.unwrap_or_default(),
        labels.join(", "),
        shown(parent_id.as_ref()),
        shown(list_id.as_ref()),
        task.created_at.to_string(),
        task.updated_at.to_string(),
    ]
}

fn shown(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
