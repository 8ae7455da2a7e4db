//! Lists that a person sorts their tasks into.

pub mod routes;
mod service;
mod store;

use types::check::{Checks, line};
use types::{ListId, Result, Text, Timestamp};

#[cfg(test)]
pub use self::service::MockListStore;
pub use self::service::{ListStore, Lists};
pub use self::store::SqlLists;

/// Characters of a name.
const NAME: usize = 200;

/// There is no such list, or it is somebody else's.
pub const NOT_FOUND: Text =
    Text {
        code: "list_not_found", en: "List not found", uk: "Список не знайдено", ru: "Список не найден"
    };
/// It is not empty.
pub const NOT_EMPTY: Text = Text {
    code: "list_not_empty",
    en: "There are tasks in this list; move or delete them first",
    uk: "У цьому списку є завдання; спершу перенесіть або видаліть їх",
    ru: "В этом списке есть задачи; сначала перенесите или удалите их",
};
/// A person has few.
pub const TOO_MANY: Text = Text {
    code: "too_many_lists",
    en: "You have as many lists as one person may have",
    uk: "У вас уже стільки списків, скільки може мати одна людина",
    ru: "У вас уже столько списков, сколько может быть у одного человека",
};

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which.
    pub id: ListId,
    /// What it is called.
    pub name: String,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The name as it will be kept.
fn name(name: &str) -> Result<String> {
    let mut checks = Checks::default();
    let name = checks.take(line("name", name, NAME)).unwrap_or_default();
    checks.done().map(|()| name)
}
