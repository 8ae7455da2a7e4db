//! Tasks as JSON, both ways.

use api::{Failure, Page, Paging};
use serde::{Deserialize, Deserializer, Serialize};
use types::{ListId, TaskId, Text, Timestamp};
use utoipa::{IntoParams, ToSchema};

use crate::due::Due;
use crate::order::Place;
use crate::service::{Filter, Order};
use crate::task::{self, Change, Draft};

const BAD_CURSOR: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: cursor is `next` of the page before",
    uk: "Параметри запиту неможливо зрозуміти: cursor — це `next` попередньої сторінки",
    ru: "Параметры запроса невозможно понять: cursor — это `next` предыдущей страницы",
};

/// A task to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// What, in a line of at most 500 characters.
    title: String,
    /// More about it, at most 20,000 characters.
    note: Option<String>,
    /// 1 to 4; 0 for none.
    #[serde(default)]
    priority: i64,
    /// The day it is due, as YYYY-MM-DD; or else `due_at`.
    due_on: Option<String>,
    /// The moment it is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// The zone in which that moment was meant; UTC when not given.
    due_zone: Option<String>,
    /// At most 20, each of at most 50 characters.
    #[serde(default)]
    labels: Vec<String>,
    /// The task that it is a part of.
    #[schema(value_type = Option<u64>)]
    parent_id: Option<TaskId>,
    /// The list that it is in.
    #[schema(value_type = Option<u64>)]
    list_id: Option<ListId>,
}

impl From<NewTask> for Draft {
    fn from(new: NewTask) -> Self {
        Self {
            title: new.title,
            note: new.note,
            priority: new.priority,
            due: Due { on: new.due_on, at: new.due_at, zone: new.due_zone },
            labels: new.labels,
            parent: new.parent_id,
            list: new.list_id,
        }
    }
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what may be null can be left alone, taken away, or set")]
pub struct Patch {
    /// Another title.
    title: Option<String>,
    /// Another note; null for none any more.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
    /// Done, or to do again.
    completed: Option<bool>,
    /// 1 to 4; 0 for none.
    priority: Option<i64>,
    /// Another day to be due on; null for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    due_on: Option<Option<String>>,
    /// Another moment to be due at; null for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Option<Timestamp>>,
    /// The zone in which that moment was meant; UTC when not given.
    due_zone: Option<String>,
    /// Other labels, all of them.
    labels: Option<Vec<String>>,
    /// Part of another task; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>)]
    parent_id: Option<Option<TaskId>>,
    /// In another list; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>)]
    list_id: Option<Option<ListId>>,
}

impl From<Patch> for Change {
    fn from(patch: Patch) -> Self {
        let due = patch.due_on.is_some() || patch.due_at.is_some() || patch.due_zone.is_some();
        Self {
            title: patch.title,
            note: patch.note,
            completed: patch.completed,
            priority: patch.priority,
            due: due.then(|| Due {
                on: patch.due_on.flatten(),
                at: patch.due_at.flatten(),
                zone: patch.due_zone,
            }),
            labels: patch.labels,
            parent: patch.parent_id,
            list: patch.list_id,
        }
    }
}

/// Tells a null that was sent from a field that was not.
#[expect(clippy::option_option, reason = "what may be null can be left alone, taken away, or set")]
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Where a task is put.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The task right before it; null to put it before all.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<u64>)]
    pub after: Option<TaskId>,
}

/// Which tasks are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Only those done, or only those to do.
    completed: Option<bool>,
    /// Only those with this label.
    label: Option<String>,
    /// Only those in this list.
    #[param(value_type = Option<u64>)]
    list: Option<ListId>,
    /// Only parts of this task.
    #[param(value_type = Option<u64>)]
    parent: Option<TaskId>,
    /// Newest first when not given.
    order: Option<Sorting>,
    /// How many, 1 to 200; 50 when not given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// In which order tasks are listed.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sorting {
    /// Newest first.
    Newest,
    /// As they were dragged, oldest first until then.
    Position,
}

impl Listing {
    /// What is asked of the service: one more than fits on the page.
    pub fn filter(self) -> Result<Filter, Failure> {
        let paging = Paging { limit: self.limit, cursor: self.cursor };
        let limit = 1 + paging.limit()?;
        let order = match self.order {
            Some(Sorting::Position) => {
                let after = paging.cursor.as_deref().map(str::parse).transpose();
                Order::Position { after: after.map_err(|_| Failure::bad_request(BAD_CURSOR))? }
            }
            Some(Sorting::Newest) | None => Order::Newest { before: paging.after()? },
        };
        let Self { completed, label, list, parent, .. } = self;
        Ok(Filter { completed, label, list, parent, order, limit })
    }
}

/// The page of what was found for this filter.
pub fn page(mut found: Vec<task::Task>, filter: &Filter) -> Page<Task> {
    let limit = usize::try_from(filter.limit - 1).unwrap_or(0);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| match filter.order {
        Order::Newest { .. } => last.id.to_string(),
        Order::Position { .. } => Place::from(last).to_string(),
    });
    Page { items: found.into_iter().map(Into::into).collect(), next }
}

/// A task.
#[derive(Serialize, ToSchema)]
pub struct Task {
    #[schema(value_type = u64)]
    id: TaskId,
    title: String,
    note: Option<String>,
    completed: bool,
    /// 1 to 4; 0 for none.
    priority: i64,
    /// The day it is due, as YYYY-MM-DD.
    due_on: Option<String>,
    /// The moment it is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// The zone in which that moment was meant.
    due_zone: Option<String>,
    labels: Vec<String>,
    #[schema(value_type = Option<u64>)]
    parent_id: Option<TaskId>,
    #[schema(value_type = Option<u64>)]
    list_id: Option<ListId>,
    /// A text that sorts as you ordered your tasks.
    position: String,
    /// Grows with each change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<task::Task> for Task {
    fn from(task: task::Task) -> Self {
        Self {
            position: Place::from(&task).to_string(),
            id: task.id,
            title: task.title,
            note: task.note,
            completed: task.completed,
            priority: task.priority,
            due_on: task.due.on,
            due_at: task.due.at,
            due_zone: task.due.zone,
            labels: task.labels,
            parent_id: task.parent,
            list_id: task.list,
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}
