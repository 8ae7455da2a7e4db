//! What lists of tasks are asked by, as it is kept beside the tasks that have it.

use types::{ListId, TaskId};

/// A mark, and how much of it, where there is more or less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is called.
    pub name: String,
    /// How much of it.
    pub degree: i64,
}

/// The mark of a priority.
pub const PRIORITY: &str = "priority";
/// The mark of a time to be due.
pub const DUE: &str = "due";
/// The mark of a task that was dragged: where it stands. Those done and those to do stand in one order.
pub const PLACE: &str = "place";

impl Mark {
    /// It has this label.
    pub fn label(label: &str) -> Self {
        Self { name: format!("label:{label}"), degree: 0 }
    }

    /// It is in this list.
    pub fn list(list: ListId) -> Self {
        Self { name: format!("list:{list}"), degree: 0 }
    }

    /// It is a part of this task.
    pub fn parent(parent: TaskId) -> Self {
        Self { name: format!("parent:{parent}"), degree: 0 }
    }

    /// It has this priority.
    pub fn priority(priority: i64) -> Self {
        Self { name: PRIORITY.to_owned(), degree: priority }
    }

    /// It is due then.
    pub fn due(degree: i64) -> Self {
        Self { name: DUE.to_owned(), degree }
    }

    /// It was dragged there.
    pub fn place(position: i64) -> Self {
        Self { name: PLACE.to_owned(), degree: position }
    }

    /// The mark that only those have that are done, or are to do: each such list is a range of its own.
    pub fn of_those(name: &str, completed: bool) -> String {
        format!("{} {name}", if completed { "done" } else { "open" })
    }

    /// Both rows of it.
    pub fn rows(self, completed: bool) -> [Self; 2] {
        let Self { name, degree } = self;
        [Self { name: Self::of_those(&name, completed), degree }, Self { name, degree }]
    }
}

/// How much of a mark is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Degree {
    /// So much.
    Is(i64),
    /// So much or more, and less than that.
    Within(Option<i64>, Option<i64>),
}

/// A mark that every task of a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called.
    pub name: String,
    /// How much of it.
    pub degree: Degree,
}

impl From<Mark> for Wanted {
    fn from(Mark { name, degree }: Mark) -> Self {
        Self { name, degree: Degree::Is(degree) }
    }
}
