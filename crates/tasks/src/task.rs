//! A task, and the rules for its fields.

use types::check::{Checks, line, text};
use types::{Result, TaskId, Text, Timestamp};

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
    /// Where it stands among the person's tasks.
    pub position: i64,
    /// Grows with each change.
    pub version: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a person writes to make a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What, in a line.
    pub title: String,
    /// More about it.
    pub note: Option<String>,
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
}

impl Draft {
    /// The draft as it will be kept, or every field that cannot be.
    pub fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        let title = checks.take(line("title", &self.title, TITLE)).unwrap_or_default();
        let note = self.note.and_then(|note| checks.take(text("note", &note, NOTE)));
        checks.done()?;
        Ok(Self { title, note: note.filter(|note| !note.is_empty()) })
    }
}

impl Change {
    /// The change as it will be kept, or every field that cannot be.
    pub fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        let title = self.title.and_then(|title| checks.take(line("title", &title, TITLE)));
        let note = self.note.map(|note| {
            note.and_then(|note| checks.take(text("note", &note, NOTE))).filter(|note| !note.is_empty())
        });
        checks.done()?;
        Ok(Self { title, note, completed: self.completed })
    }

    /// The task as it will be, or `None` when nothing would be different.
    pub fn apply(self, task: &Task, now: Timestamp) -> Option<Task> {
        let changed = Task {
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
            position: 1 << 10,
            version: 3,
            created_at: Timestamp::from_millis(1),
            updated_at: Timestamp::from_millis(1),
        }
    }

    #[test]
    fn a_change_that_changes_nothing_is_none() {
        let same = Change { title: Some("Milk".into()), completed: Some(false), note: None };
        assert_eq!(same.apply(&task(), Timestamp::from_millis(9)), None);
    }

    #[test]
    fn a_change_moves_the_version_and_leaves_the_rest() {
        let done = Change { completed: Some(true), note: Some(None), title: None };
        let after = done.apply(&task(), Timestamp::from_millis(9)).unwrap();
        let wanted =
            Task { completed: true, note: None, version: 4, updated_at: Timestamp::from_millis(9), ..task() };
        assert_eq!(after, wanted);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let draft = Draft { title: " ".into(), note: Some("\0".into()) };
        let Err(types::Error::Invalid(fields)) = draft.checked() else { panic!("it is wrong twice") };
        assert_eq!(fields.iter().map(|f| &*f.field).collect::<Vec<_>>(), ["title", "note"]);
    }
}
