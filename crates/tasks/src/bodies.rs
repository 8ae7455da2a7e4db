//! Tasks as JSON, both ways.

use api::{Failure, Page, Paging, Versioned};
use serde::{Deserialize, Deserializer, Serialize};
use types::{ListId, TaskId, Text, Timestamp};
use utoipa::{IntoParams, ToSchema};

use crate::details::{Details, HIGHEST};
use crate::due::{Bound, Due};
use crate::filter::{Filter, Found, Order};
use crate::order::Place;
use crate::task::{self, Change, Draft};
use crate::words::asked;

const BAD_CURSOR: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: cursor is `next` of the page before",
    uk: "Параметри запиту неможливо зрозуміти: cursor — це `next` попередньої сторінки",
    ru: "Параметры запроса невозможно понять: cursor — это `next` предыдущей страницы",
};
const BAD_PRIORITY: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: priority is 1 to 4",
    uk: "Параметри запиту неможливо зрозуміти: priority — від 1 до 4",
    ru: "Параметры запроса невозможно понять: priority — от 1 до 4",
};

const BAD_SEARCH: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: q is at most {} words in at most {} characters, newest first",
    uk: "Параметри запиту неможливо зрозуміти: q — не більше {} слів у не більше ніж {} символах, спочатку нові",
    ru: "Параметры запроса невозможно понять: q — не больше {} слов в не больше чем {} символах, сначала новые",
};

/// Words of a search.
const MOST_WORDS: usize = 16;
/// Characters of a search.
const MOST_LETTERS: usize = 200;

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
        let NewTask { title, note, priority, due_on, due_at, due_zone, labels, parent_id, list_id } = new;
        let details = Details { priority, due_on, due_at, due_zone, labels, parent_id, list_id };
        Self { title, note, details: details.kept() }
    }
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "what may be null can be left alone, taken away, or set")]
#[schema(as = TaskPatch)]
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
    /// Only those whose title or note has words that begin with these, all of them; newest first. New words are found
    /// within moments. A page may be shorter than asked for, or empty, while `next` says that there is more to look at.
    q: Option<String>,
    /// Only those with this label.
    label: Option<String>,
    /// Only those in this list.
    #[param(value_type = Option<u64>)]
    list: Option<ListId>,
    /// Only parts of this task.
    #[param(value_type = Option<u64>)]
    parent: Option<TaskId>,
    /// Only those of this priority, 1 to 4.
    priority: Option<i64>,
    /// Only those due on this day or at this moment, or later; a day counts as its noon in UTC.
    #[param(value_type = Option<String>)]
    due_after: Option<Bound>,
    /// Only those due before this day or moment.
    #[param(value_type = Option<String>)]
    due_before: Option<Bound>,
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
    /// What is due soonest first; only what is due at all.
    Due,
    /// The highest priority first; only what has one.
    Priority,
}

impl Listing {
    /// What is asked of the service: one more than fits on the page, and the words of a search.
    pub fn asked(self) -> Result<(Filter, Option<Vec<String>>), Failure> {
        let paging = Paging { limit: self.limit, cursor: self.cursor };
        let limit = 1 + paging.limit()?;
        let order = match self.order {
            Some(Sorting::Newest) | None => Order::Newest { before: paging.after()? },
            Some(Sorting::Position) => Order::Position { after: place(&paging)? },
            Some(Sorting::Due) => Order::Due { after: place(&paging)? },
            Some(Sorting::Priority) => Order::Priority { after: place(&paging)? },
        };
        let Self { completed, q, label, list, parent, priority, due_after, due_before, .. } = self;
        if priority.is_some_and(|priority| !(1..=HIGHEST).contains(&priority)) {
            return Err(Failure::bad_request(BAD_PRIORITY));
        }
        let due = (due_after.map(|bound| bound.0), due_before.map(|bound| bound.0));
        let filter = Filter { completed, label, list, parent, priority, due, order, limit };
        Ok((filter, words(q, order)?))
    }
}

/// What a search asks for; nothing but spaces asks for nothing.
fn words(q: Option<String>, order: Order) -> Result<Option<Vec<String>>, Failure> {
    let Some(q) = q.filter(|q| !q.trim().is_empty()) else { return Ok(None) };
    // Bytes first: what is far too long need not be counted.
    let fits = q.len() <= 4 * MOST_LETTERS && q.chars().count() <= MOST_LETTERS;
    let words = fits.then(|| asked(&q)).filter(|words| words.len() <= MOST_WORDS);
    match (words, order) {
        (Some(words), Order::Newest { .. }) => Ok(Some(words)),
        _ => Err(Failure::bad_request(BAD_SEARCH.with([&MOST_WORDS, &MOST_LETTERS]))),
    }
}

fn place(paging: &Paging) -> Result<Option<Place>, Failure> {
    let place = paging.cursor.as_deref().map(str::parse).transpose();
    place.map_err(|_| Failure::bad_request(BAD_CURSOR))
}

/// The page that a search found.
pub fn found(Found { tasks, next }: Found) -> Page<Task> {
    Page { items: tasks.into_iter().map(Into::into).collect(), next: next.map(|next| next.to_string()) }
}

/// The page of what was found for this filter.
pub fn page(mut found: Vec<task::Task>, filter: &Filter) -> Page<Task> {
    let limit = usize::try_from(filter.limit - 1).unwrap_or(0);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| match filter.order {
        Order::Newest { .. } => last.id.to_string(),
        Order::Position { .. } => Place::from(last).to_string(),
        Order::Due { .. } => last.place(last.due()).to_string(),
        Order::Priority { .. } => last.place(last.priority()).to_string(),
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
    #[serde(flatten)]
    #[schema(value_type = Details)]
    details: Option<Box<Details>>,
    /// Grows with each change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<task::Task> for Task {
    fn from(task: task::Task) -> Self {
        let task::Task { id, title, note, completed, details, position: _, version, created_at, updated_at } =
            task;
        Self { id, title, note, completed, details, version, created_at, updated_at }
    }
}

impl Versioned for Task {
    fn version(&self) -> i64 {
        self.version
    }
}
