//! Asking what changed.

use std::collections::HashMap;
use std::sync::Arc;

use stream::{Feed, Watch};
use types::{Caller, Result, TaskId, UserId};

use super::{Since, changed};
use crate::filter::{Filter, Order};
use crate::service::TaskStore;
use crate::task::Task;

/// Tasks read by their ids at once.
const AT_ONCE: usize = 100;

/// What changed, and where to go on.
pub struct Delta {
    /// Each task that changed.
    pub items: Vec<Item>,
    /// What to ask with next.
    pub next: Since,
    /// Whether there may be more already.
    pub more: bool,
}

/// A task that changed.
pub struct Item {
    /// Which.
    pub id: TaskId,
    /// As it is now; none when it is deleted.
    pub task: Option<Task>,
    /// What to ask with, for whoever stops behind it.
    pub place: Since,
}

/// The verb. Cheap to clone.
#[derive(Clone)]
pub struct Changes {
    feed: Feed,
    tasks: Arc<dyn TaskStore>,
}

impl Changes {
    /// Over the facts about tasks, and the tasks.
    pub fn new(feed: Feed, tasks: Arc<dyn TaskStore>) -> Self {
        Self { feed, tasks }
    }

    /// What of the caller's changed since, so many tasks at the most; everything when they never asked. None when that
    /// is so long ago that facts were deleted meanwhile, or no place of this house at all.
    pub async fn since(&self, caller: &Caller, since: Option<Since>, most: usize) -> Result<Option<Delta>> {
        match since {
            Some(Since::Fact { after, within }) => self.facts(caller.user, (after, within), most).await,
            Some(Since::List { head, last }) => {
                let (head, last) = (head, Some(TaskId::trusted(last)));
                Ok(Some(self.list(caller.user, head, last, most).await?))
            }
            // Noted before the first page: what changes from here on is told again, by its fact.
            None => Ok(Some(self.list(caller.user, self.feed.head().await?, None, most).await?)),
        }
    }

    /// The place of whoever wants to hear only what is still to come.
    pub async fn now(&self) -> Result<Since> {
        Ok(Since::whole(self.feed.head().await?))
    }

    /// Tells when the caller's tasks change.
    pub fn watch(&self, caller: &Caller) -> Result<Watch> {
        self.feed.watch(caller.user.number())
    }

    async fn list(&self, owner: UserId, head: i64, last: Option<TaskId>, most: usize) -> Result<Delta> {
        let limit = rows(most);
        let page = Filter { order: Order::Newest { before: last }, limit, ..Filter::default() };
        let mut tasks = self.tasks.list(owner, &page).await?;
        let more = tasks.len() > most;
        tasks.truncate(most);
        let item = |task: Task| {
            let place = Since::List { head, last: task.id.number() };
            Item { id: task.id, task: Some(task), place }
        };
        let items: Vec<Item> = tasks.into_iter().map(item).collect();
        let next = items.last().filter(|_| more).map_or(Since::whole(head), |item| item.place);
        // A list of several pages took a while, in which something may have happened.
        Ok(Delta { items, next, more: more || last.is_some() })
    }

    async fn facts(&self, owner: UserId, since: (i64, i64), most: usize) -> Result<Option<Delta>> {
        let Some(news) = self.feed.since(owner.number(), since.0, rows(most)).await? else { return Ok(None) };
        let more = news.facts.len() > most;
        let facts = &news.facts[..most.min(news.facts.len())];
        let (places, stopped) = changed(facts, since, most);
        let end = facts.last().filter(|_| more).map_or(news.head, |last| last.number);

        let ids: Vec<TaskId> = places.iter().map(|(id, _)| *id).collect();
        let mut tasks = HashMap::new();
        for part in ids.chunks(AT_ONCE) {
            let found = self.tasks.find_all(owner, part).await?;
            tasks.extend(found.into_iter().map(|task| (task.id, task)));
        }
        let items =
            places.into_iter().map(|(id, place)| Item { id, task: tasks.remove(&id), place }).collect();
        let (next, more) = (stopped.unwrap_or(Since::whole(end)), more || stopped.is_some());
        Ok(Some(Delta { items, next, more }))
    }
}

/// One row more than is wanted says whether there are more.
fn rows(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX - 1) + 1
}
