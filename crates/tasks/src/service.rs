//! What can be done with tasks, and by whom.

mod clearing;
mod glance;

use std::sync::Arc;

use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::Tell;
use types::facts::tasks::{TaskChanged, TaskCreated, TaskDeleted, TaskRestored};
use types::{Caller, Clock, Error, Ids, Result, TaskId, Timestamp, UserId};

pub use glance::Glance;

use crate::order::{self, Place};
use crate::task::{Change, Draft, NOT_FOUND, Task};

/// How often a change is tried again when another one came between reading and writing.
const TRIES: usize = 3;

/// What a list leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those done, or only those to do.
    pub completed: Option<bool>,
    /// Only those older than this one.
    pub before: Option<TaskId>,
    /// At most so many.
    pub limit: i64,
}

/// Where tasks are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// Writes a new task down.
    async fn insert(&self, owner: UserId, task: &Task, along: Along) -> Result<()>;
    /// The owner's task, unless it is deleted.
    async fn find(&self, owner: UserId, id: TaskId) -> Result<Option<Task>>;
    /// The owner's tasks, newest first.
    async fn list(&self, owner: UserId, filter: Filter) -> Result<Vec<Task>>;
    /// The owner's tasks in the owner's order.
    async fn in_order(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Task>>;
    /// The owner's tasks that are older than `before`, newest first.
    async fn newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<TaskId>>;
    /// How many open tasks the owner has, counted no further than `most`.
    async fn count_open(&self, owner: UserId, most: i64) -> Result<i64>;
    /// Replaces the version before this one; false when that is not what is there.
    async fn update(&self, owner: UserId, task: &Task, along: Along) -> Result<bool>;
    /// Takes this version out of sight; false when that is not what is there.
    async fn delete(&self, owner: UserId, task: &Task, now: Timestamp, along: Along) -> Result<bool>;
    /// Takes all of these out of sight; false, and none is, when one was gone already.
    async fn delete_all(&self, owner: UserId, ids: &[TaskId], now: Timestamp, along: Along) -> Result<bool>;
    /// A deleted task of the owner's.
    async fn find_deleted(&self, owner: UserId, id: TaskId) -> Result<Option<Task>>;
    /// Brings this version back into sight; false when that is not what was deleted.
    async fn restore(&self, owner: UserId, task: &Task, now: Timestamp, along: Along) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Tasks {
    store: Arc<dyn TaskStore>,
    teller: Teller,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Tasks {
    /// Over this store.
    pub fn new(store: Arc<dyn TaskStore>, teller: Teller, ids: Ids, clock: Arc<dyn Clock>) -> Self {
        Self { store, teller, ids, clock }
    }

    /// Writes a task down.
    pub async fn create(&self, caller: &Caller, draft: Draft) -> Result<Task> {
        let Draft { title, note } = draft.checked()?;
        let now = self.clock.now();
        let id = self.ids.next()?;
        let task = Task {
            id,
            title,
            note,
            completed: false,
            position: order::newest(id),
            version: 1,
            created_at: now,
            updated_at: now,
        };

        let along = self.telling(&TaskCreated { id, owner: caller.user, version: task.version })?;
        self.store.insert(caller.user, &task, along).await?;
        Ok(task)
    }

    /// One of the caller's tasks.
    pub async fn find(&self, caller: &Caller, id: TaskId) -> Result<Task> {
        self.store.find(caller.user, id).await?.ok_or(Error::NotFound(NOT_FOUND))
    }

    /// The caller's tasks, newest first.
    pub async fn list(&self, caller: &Caller, filter: Filter) -> Result<Vec<Task>> {
        self.store.list(caller.user, filter).await
    }

    /// The caller's tasks in their own order, oldest first until they drag one.
    pub async fn in_order(&self, caller: &Caller, after: Option<Place>, limit: i64) -> Result<Vec<Task>> {
        self.store.in_order(caller.user, after, limit).await
    }

    /// Makes a task different.
    pub async fn change(&self, caller: &Caller, id: TaskId, change: Change) -> Result<Task> {
        let change = change.checked()?;
        for _ in 0..TRIES {
            let task = self.find(caller, id).await?;
            let Some(changed) = change.clone().apply(&task, self.clock.now()) else { return Ok(task) };

            let along = self.telling(&TaskChanged { id, owner: caller.user, version: changed.version })?;
            if self.store.update(caller.user, &changed, along).await? {
                return Ok(changed);
            }
        }
        Err(Error::Stale)
    }

    /// Takes a task out of sight; it can be restored.
    pub async fn delete(&self, caller: &Caller, id: TaskId) -> Result<()> {
        for _ in 0..TRIES {
            let task = self.find(caller, id).await?;

            let along = self.telling(&TaskDeleted { id, owner: caller.user, version: task.version + 1 })?;
            if self.store.delete(caller.user, &task, self.clock.now(), along).await? {
                return Ok(());
            }
        }
        Err(Error::Stale)
    }

    /// Brings a deleted task back.
    pub async fn restore(&self, caller: &Caller, id: TaskId) -> Result<Task> {
        let Some(task) = self.store.find_deleted(caller.user, id).await? else {
            // Restoring twice is no mistake.
            return self.find(caller, id).await;
        };
        let (version, now) = (task.version + 1, self.clock.now());

        let along = self.telling(&TaskRestored { id, owner: caller.user, version })?;
        if self.store.restore(caller.user, &task, now, along).await? {
            return Ok(Task { version, updated_at: now, ..task });
        }
        self.find(caller, id).await
    }

    fn telling<T: Tell>(&self, fact: &T) -> Result<Along> {
        Ok(Along::none().with(self.teller.tell(fact)?))
    }
}

#[cfg(test)]
mod tests;
