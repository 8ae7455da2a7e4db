//! What reports are made of.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use db::Db;
use identity::{Accounts, Person};
use jobs::errands::report::{Place, Rows, Source};
use messenger::{Archive, Chapter, Extract, Spot};
use tasks::{Details, Filter, Order, SqlTasks, Task, TaskStore};
use types::{ChatId, Result, TaskId, UserId};

/// Tasks of a page.
const PAGE: i64 = 200;
/// Messages of a page.
const MESSAGES: usize = 200;

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

    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows> {
        let order = Order::Newest { before: after.map(|Place(id, _)| TaskId::trusted(id)) };
        let tasks = self.store.list(person, &Filter { order, limit: PAGE, ..Filter::default() }).await?;
        let is_full = i64::try_from(tasks.len()).is_ok_and(|found| found == PAGE);
        let next = tasks.last().filter(|_| is_full).map(|task| task.id.number().into());
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

/// What a person may see of what was said: chat by chat, oldest first.
pub struct MessageRows {
    archive: Archive,
    /// By whom people are named, where they are known.
    accounts: Option<Accounts>,
}

impl MessageRows {
    /// In this database.
    pub fn new(db: &Db, accounts: Option<Accounts>) -> Self {
        Self { archive: Archive::new(db), accounts }
    }

    /// What those are called who are in this.
    async fn names(&self, chapters: &[Chapter]) -> Result<HashMap<UserId, String>> {
        let Some(accounts) = &self.accounts else { return Ok(HashMap::new()) };
        let authors = chapters.iter().flat_map(|chapter| &chapter.messages).map(|message| message.user);
        let ids: BTreeSet<UserId> =
            authors.chain(chapters.iter().filter_map(|chapter| chapter.pal)).collect();
        let people = accounts.people(&ids.into_iter().collect::<Vec<_>>()).await?;
        let called = |Person { id, name, username }| {
            let name = if name.is_empty() { username.unwrap_or_default() } else { name };
            (id, name)
        };
        Ok(people.into_iter().map(called).collect())
    }
}

#[async_trait]
impl Source for MessageRows {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn columns(&self) -> &'static [&'static str] {
        &["id", "chat_id", "chat_kind", "chat", "author_id", "author", "sent_at", "edited_at", "read", "text"]
    }

    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows> {
        let after = after.map(|Place(chat, seq)| Spot { chat: ChatId::trusted(chat), seq });
        let Extract { chapters, next } = self.archive.extract(person, after, MESSAGES).await?;
        let names = self.names(&chapters).await?;
        let rows = chapters.into_iter().flat_map(|chapter| said(chapter, person, &names)).collect();
        Ok(Rows { rows, next: next.map(|spot| Place(spot.chat.number(), spot.seq)) })
    }
}

/// The rows of a chat. What others said is read when this person has read it, what they said themselves when anybody else has.
fn said(chapter: Chapter, person: UserId, names: &HashMap<UserId, String>) -> Vec<Vec<String>> {
    let Chapter { chat, kind, title, pal, messages, read_seq, read_by_others } = chapter;
    let name = |user: &UserId| names.get(user).cloned().unwrap_or_default();
    let called = title.or_else(|| pal.as_ref().map(name)).unwrap_or_default();
    let row = |message: messenger::Message| {
        let is_read = if message.user == person {
            pal == Some(person) || message.seq <= read_by_others
        } else {
            message.seq <= read_seq
        };
        vec![
            message.id.to_string(),
            chat.to_string(),
            kind.name().to_owned(),
            called.clone(),
            message.user.to_string(),
            name(&message.user),
            message.created_at.to_string(),
            shown(message.edited_at.as_ref()),
            is_read.to_string(),
            message.text.unwrap_or_default(),
        ]
    };
    messages.into_iter().map(row).collect()
}

fn shown(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
