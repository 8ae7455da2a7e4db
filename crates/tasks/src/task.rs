//! A task, and the rules for its fields.

use types::check::{Checks, line, text};
use types::{ListId, Result, TaskId, Text, Timestamp};

use crate::details::{self, Details};
use crate::due::Due;
use crate::mark::Mark;
use crate::order::{self, Place};

/// Characters of a title.
const TITLE: usize = 500;
/// Characters of a note.
const NOTE: usize = 20_000;

/// There is no such task, or it is somebody else's.
pub const NOT_FOUND: Text = Text {
    code: "task_not_found",
    en: "Task not found",
    uk: "Завдання не знайдено",
    ru: "Задача не найдена",
};

/// Something a person means to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// What, in a line.
    pub title: String,
    /// More about it.
    pub note: Option<String>,
    /// Whether it is done.
    pub completed: bool,
    /// What few tasks have.
    pub details: Option<Box<Details>>,
    /// Where it stands among the person's tasks.
    pub position: i64,
    /// Grows with each change.
    pub version: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Task {
    /// Rows of its marks: none for most.
    pub fn marks(&self) -> Vec<Mark> {
        let marks = self.details.iter().flat_map(|details| details.marks());
        let dragged = order::is_dragged(self.id, self.position).then(|| Mark::place(self.position));
        marks.flat_map(|mark| mark.rows(self.completed)).chain(dragged).collect()
    }

    /// How far in time it is due; 0 when it is not.
    pub fn due(&self) -> i64 {
        let details = self.details.as_deref();
        details.and_then(|it| Due::degree(it.due_on.as_deref(), it.due_at)).unwrap_or_default()
    }

    /// How much it matters; 0 when nobody said.
    pub fn priority(&self) -> i64 {
        self.details.as_deref().map_or(0, |details| details.priority)
    }

    /// The task that it is a part of.
    pub fn parent(&self) -> Option<TaskId> {
        self.details.as_deref().and_then(|details| details.parent_id)
    }

    /// Where it stands among others that this number orders.
    pub const fn place(&self, position: i64) -> Place {
        Place { position, id: self.id }
    }
}

/// What a person writes to make a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What, in a line.
    pub title: String,
    /// More about it.
    pub note: Option<String>,
    /// What few tasks have.
    pub details: Option<Box<Details>>,
}

/// What a person wants to be different; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Another title.
    pub title: Option<String>,
    /// Another note, or none any more.
    pub note: Option<Option<String>>,
    /// Done, or to do again.
    pub completed: Option<bool>,
    /// Another priority.
    pub priority: Option<i64>,
    /// Another time, or none any more.
    pub due: Option<Due>,
    /// Other labels, all of them.
    pub labels: Option<Vec<String>>,
    /// Part of another task, or of none.
    pub parent: Option<Option<TaskId>>,
    /// In another list, or in none.
    pub list: Option<Option<ListId>>,
}

impl Draft {
    /// The draft as it will be kept, or every field that cannot be.
    pub fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        let title = checks.take(line("title", &self.title, TITLE)).unwrap_or_default();
        let note = self.note.and_then(|note| checks.take(text("note", &note, NOTE)));
        let details = self.details.and_then(|details| details.checked(&mut checks));
        checks.done()?;
        Ok(Self { title, note: note.filter(|note| !note.is_empty()), details })
    }

    /// The task that it becomes now.
    pub fn task(self, id: TaskId, now: Timestamp) -> Task {
        let Self { title, note, details } = self;
        Task {
            id,
            title,
            note,
            completed: false,
            details,
            position: order::newest(id),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Change {
    /// The change as it will be kept, or every field that cannot be.
    pub fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        let title = self.title.as_deref().and_then(|title| checks.take(line("title", title, TITLE)));
        let note = self.note.as_ref().map(|note| {
            note.as_deref()
                .and_then(|note| checks.take(text("note", note, NOTE)))
                .filter(|note| !note.is_empty())
        });
        if let Some(wanted) = self.priority {
            details::check_priority(wanted, &mut checks);
        }
        let due = self.due.map(|due| due.checked(&mut checks));
        let labels = self.labels.map(|wanted| details::labels(&wanted, &mut checks));
        checks.done()?;
        Ok(Self { title, note, due, labels, ..self })
    }

    /// The task as it will be, or `None` when nothing would be different.
    pub fn apply(mut self, task: &Task, now: Timestamp) -> Option<Task> {
        let details = self.details(task);
        let changed = Task {
            details,
            title: self.title.unwrap_or_else(|| task.title.clone()),
            note: self.note.unwrap_or_else(|| task.note.clone()),
            completed: self.completed.unwrap_or(task.completed),
            ..task.clone()
        };
        (changed != *task).then(|| Task {
            version: task.version + 1,
            updated_at: now.max(task.updated_at),
            ..changed
        })
    }

    fn details(&mut self, task: &Task) -> Option<Box<Details>> {
        let touched = self.priority.is_some()
            || self.due.is_some()
            || self.labels.is_some()
            || self.parent.is_some()
            || self.list.is_some();
        if !touched {
            return task.details.clone();
        }
        let old = task.details.as_deref().cloned().unwrap_or_default();
        let new = Details {
            priority: self.priority.unwrap_or(old.priority),
            labels: self.labels.take().unwrap_or(old.labels),
            parent_id: self.parent.unwrap_or(old.parent_id),
            list_id: self.list.unwrap_or(old.list_id),
            ..old
        };
        match self.due.take() {
            Some(due) => new.due(due),
            None => new,
        }
        .kept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        Task {
            id: TaskId::trusted(1),
            title: "Milk".into(),
            note: Some("two litres".into()),
            completed: false,
            details: Details {
                labels: vec!["home".into()],
                list_id: Some(ListId::trusted(3)),
                ..Details::default()
            }
            .kept(),
            position: 1 << 10,
            version: 3,
            created_at: Timestamp::from_millis(1),
            updated_at: Timestamp::from_millis(1),
        }
    }

    #[test]
    fn a_change_that_changes_nothing_is_none() {
        let same = Change { title: Some("Milk".into()), completed: Some(false), ..Change::default() };
        assert_eq!(same.apply(&task(), Timestamp::from_millis(9)), None);
    }

    #[test]
    fn a_change_moves_the_version_and_leaves_the_rest() {
        let done = Change { completed: Some(true), note: Some(None), ..Change::default() };
        let after = done.apply(&task(), Timestamp::from_millis(9)).unwrap();
        let wanted =
            Task { completed: true, note: None, version: 4, updated_at: Timestamp::from_millis(9), ..task() };
        assert_eq!(after, wanted);
    }

    #[test]
    fn the_marks_say_whether_it_is_done() {
        let rows = |task: &Task| task.marks().into_iter().map(|mark| mark.name).collect::<Vec<_>>();
        assert_eq!(rows(&task()), ["open label:home", "label:home", "open list:3", "list:3"]);
        let done = Change { completed: Some(true), list: Some(None), ..Change::default() };
        let done = done.apply(&task(), Timestamp::from_millis(9)).unwrap();
        assert_eq!(rows(&done), ["done label:home", "label:home"]);
        let bare = Change { labels: Some(Vec::new()), ..Change::default() };
        assert_eq!(bare.apply(&done, Timestamp::from_millis(9)).unwrap().details, None);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let draft = Draft {
            title: " ".into(),
            note: Some("\0".into()),
            details: Details { priority: 5, labels: vec![String::new()], ..Details::default() }.kept(),
        };
        let Err(types::Error::Invalid(fields)) = draft.checked() else { panic!("it is wrong four times") };
        assert_eq!(
            fields.iter().map(|f| &*f.field).collect::<Vec<_>>(),
            ["title", "note", "priority", "labels"]
        );
    }
}
