//! A task, and the rules for its fields.

use types::check::{Checks, line, text};
use types::{ListId, Result, TaskId, Text, Timestamp};

use crate::due::Due;

/// Characters of a title.
const TITLE: usize = 500;
/// Characters of a note.
const NOTE: usize = 20_000;

/// Characters of a label.
const LABEL: usize = 50;
/// Labels of a task.
const LABELS: usize = 20;
/// The highest priority; 0 is none.
const HIGHEST: i64 = 4;

const BAD_PRIORITY: Text = Text {
    code: "bad_priority",
    en: "a priority is 0 to 4",
    uk: "пріоритет — від 0 до 4",
    ru: "приоритет — от 0 до 4",
};
const TOO_MANY_LABELS: Text = Text {
    code: "too_many_labels",
    en: "a task may have at most {} labels",
    uk: "завдання може мати не більше {} міток",
    ru: "у задачи может быть не больше {} меток",
};

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
    /// How much it matters: 1 to 4, 0 when nobody said.
    pub priority: i64,
    /// When it is due.
    pub due: Due,
    /// What it goes by, each once.
    pub labels: Vec<String>,
    /// The task that it is a part of.
    pub parent: Option<TaskId>,
    /// The list that it is in.
    pub list: Option<ListId>,
    /// Where it stands among the person's tasks.
    pub position: i64,
    /// Grows with each change.
    pub version: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What few tasks have and lists are asked by, as it is kept beside them.
pub mod mark {
    use types::{ListId, TaskId};

    /// It has this label.
    pub fn label(label: &str) -> String {
        format!("label:{label}")
    }

    /// It is in this list.
    pub fn list(list: ListId) -> String {
        format!("list:{list}")
    }

    /// It is a part of this task.
    pub fn parent(parent: TaskId) -> String {
        format!("parent:{parent}")
    }
}

impl Task {
    /// All of its marks.
    pub fn marks(&self) -> Vec<String> {
        let labels = self.labels.iter().map(|label| mark::label(label));
        labels.chain(self.list.map(mark::list)).chain(self.parent.map(mark::parent)).collect()
    }
}

/// What a person writes to make a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// What, in a line.
    pub title: String,
    /// More about it.
    pub note: Option<String>,
    /// How much it matters.
    pub priority: i64,
    /// When it is due.
    pub due: Due,
    /// What it goes by.
    pub labels: Vec<String>,
    /// The task that it is a part of.
    pub parent: Option<TaskId>,
    /// The list that it is in.
    pub list: Option<ListId>,
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
        let note = self.note.as_deref().and_then(|note| checks.take(text("note", note, NOTE)));
        priority(self.priority, &mut checks);
        let due = self.due.checked(&mut checks);
        let labels = labels(&self.labels, &mut checks);
        checks.done()?;
        Ok(Self { title, note: note.filter(|note| !note.is_empty()), due, labels, ..self })
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
            priority(wanted, &mut checks);
        }
        let due = self.due.map(|due| due.checked(&mut checks));
        let labels = self.labels.map(|wanted| labels(&wanted, &mut checks));
        checks.done()?;
        Ok(Self { title, note, due, labels, ..self })
    }

    /// The task as it will be, or `None` when nothing would be different.
    pub fn apply(self, task: &Task, now: Timestamp) -> Option<Task> {
        let changed = Task {
            title: self.title.unwrap_or_else(|| task.title.clone()),
            note: self.note.unwrap_or_else(|| task.note.clone()),
            completed: self.completed.unwrap_or(task.completed),
            priority: self.priority.unwrap_or(task.priority),
            due: self.due.unwrap_or_else(|| task.due.clone()),
            labels: self.labels.unwrap_or_else(|| task.labels.clone()),
            parent: self.parent.unwrap_or(task.parent),
            list: self.list.unwrap_or(task.list),
            ..task.clone()
        };
        (changed != *task).then(|| Task {
            version: task.version + 1,
            updated_at: now.max(task.updated_at),
            ..changed
        })
    }
}

fn priority(priority: i64, checks: &mut Checks) {
    if !(0..=HIGHEST).contains(&priority) {
        checks.refuse("priority", BAD_PRIORITY);
    }
}

/// Each once, in the order in which they were written.
fn labels(wanted: &[String], checks: &mut Checks) -> Vec<String> {
    if wanted.len() > LABELS {
        checks.refuse("labels", TOO_MANY_LABELS.with([&LABELS]));
        return Vec::new();
    }
    let mut labels: Vec<String> = Vec::new();
    for label in wanted.iter().filter_map(|label| checks.take(line("labels", label, LABEL))) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
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
            priority: 0,
            due: Due::default(),
            labels: vec!["home".into()],
            parent: None,
            list: Some(ListId::trusted(3)),
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
    fn a_label_written_twice_is_there_once_and_marks_the_task() {
        let written = vec![" home ".to_owned(), "дім".into(), "home".into()];
        let draft = Draft { title: "Milk".into(), labels: written, ..Draft::default() }.checked().unwrap();
        assert_eq!(draft.labels, ["home", "дім"]);
        assert_eq!(task().marks(), ["label:home", "list:3"]);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let draft = Draft {
            title: " ".into(),
            note: Some("\0".into()),
            priority: 5,
            labels: vec![String::new()],
            ..Draft::default()
        };
        let Err(types::Error::Invalid(fields)) = draft.checked() else { panic!("it is wrong four times") };
        assert_eq!(
            fields.iter().map(|f| &*f.field).collect::<Vec<_>>(),
            ["title", "note", "priority", "labels"]
        );
    }
}
