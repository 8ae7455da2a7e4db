//! What can be done with tasks, and by whom.

mod clearing;
mod glance;
mod many;
mod moving;
mod once;
mod placing;

use std::sync::Arc;

use api::idempotency::{Key, Made};
use async_trait::async_trait;
use db::Along;
use stream::Teller;
use types::facts::Tell;
use types::facts::tasks::{TaskChanged, TaskCreated, TaskDeleted, TaskRestored};
use types::{Caller, Clock, Error, Expected, Ids, Result, TaskId, Timestamp, UserId};

pub use glance::Glance;

use crate::filter::{Filter, Found};
use crate::lists::ListStore;
use crate::order::{Moved, Place};
use crate::task::{Change, Draft, NOT_FOUND, Task};

/// How often a change is tried again when another one came between reading and writing.
const TRIES: usize = 3;

/// Where tasks are kept. What goes `along` is committed with the write or not at all.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// Writes a new task down.
    async fn insert(&self, owner: UserId, task: &Task, along: Along) -> Result<()>;
    /// Writes new tasks down, all or none.
    async fn insert_all(&self, owner: UserId, tasks: &[Task], along: Along) -> Result<()>;
    /// What the owner made with this key.
    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>>;
    /// The owner's task, unless it is deleted.
    async fn find(&self, owner: UserId, id: TaskId) -> Result<Option<Task>>;
    /// The owner's tasks.
    async fn list(&self, owner: UserId, filter: &Filter) -> Result<Vec<Task>>;
    /// The owner's tasks that have words beginning with each of these, newest first: a page, of one less than the limit.
    async fn search(&self, owner: UserId, words: &[String], filter: &Filter) -> Result<Found>;
    /// The owner's tasks in the owner's order.
    async fn in_order(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Task>>;
    /// Where they stand in that order, and nothing else of them.
    async fn places(&self, owner: UserId, after: Option<Place>, limit: i64) -> Result<Vec<Place>>;
    /// The owner's tasks that are older than `before`, newest first.
    async fn newest(&self, owner: UserId, before: Option<TaskId>, limit: i64) -> Result<Vec<TaskId>>;
    /// How many open tasks the owner has, counted no further than `most`.
    async fn count_open(&self, owner: UserId, most: i64) -> Result<i64>;
    /// Replaces what was before; false when that is not what is there.
    async fn update(&self, owner: UserId, before: &Task, task: &Task, along: Along) -> Result<bool>;
    /// Replaces each of what was before, all or none; false when that is not what is there.
    async fn update_all(&self, owner: UserId, changes: &[(Task, Task)], along: Along) -> Result<bool>;
    /// Those of the owner's tasks, a hundred at the most.
    async fn find_all(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<Task>>;
    /// Which of these the owner has deleted, a hundred at the most.
    async fn gone(&self, owner: UserId, ids: &[TaskId]) -> Result<Vec<TaskId>>;
    /// Takes this version out of sight; false when that is not what is there.
    async fn delete(&self, owner: UserId, task: &Task, now: Timestamp, along: Along) -> Result<bool>;
    /// Takes all of these out of sight; false, and none is, when one was gone already.
    async fn delete_all(&self, owner: UserId, ids: &[TaskId], now: Timestamp, along: Along) -> Result<bool>;
    /// A deleted task of the owner's.
    async fn find_deleted(&self, owner: UserId, id: TaskId) -> Result<Option<Task>>;
    /// Brings it back into sight as it now is; false when that is not what was deleted.
    async fn restore(&self, owner: UserId, before: &Task, task: &Task, along: Along) -> Result<bool>;
    /// Gives tasks other positions, all or none; false when one is not where it was.
    async fn move_all(&self, owner: UserId, moved: &[Moved], now: Timestamp, along: Along) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Tasks {
    store: Arc<dyn TaskStore>,
    lists: Arc<dyn ListStore>,
    teller: Teller,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Tasks {
    /// Over this store.
    pub fn new(
        store: Arc<dyn TaskStore>,
        lists: Arc<dyn ListStore>,
        teller: Teller,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, lists, teller, ids, clock }
    }

    /// Writes a task down.
    pub async fn create(&self, caller: &Caller, draft: Draft) -> Result<Task> {
        self.make(caller, draft, None).await
    }

    async fn make(&self, caller: &Caller, draft: Draft, key: Option<&Key>) -> Result<Task> {
        let task = self.drafted(caller, draft).await?;
        let Task { id, version, created_at, .. } = task;

        let mut along = self.telling(&TaskCreated { id, owner: caller.user, version })?;
        if let Some(key) = key {
            along = along.with(key.kept(caller.user, id.number(), 1, created_at));
        }
        self.store.insert(caller.user, &task, along).await?;
        Ok(task)
    }

    /// One of the caller's tasks.
    pub async fn find(&self, caller: &Caller, id: TaskId) -> Result<Task> {
        self.store.find(caller.user, id).await?.ok_or(Error::NotFound(NOT_FOUND))
    }

    /// The caller's tasks.
    pub async fn list(&self, caller: &Caller, filter: &Filter) -> Result<Vec<Task>> {
        self.store.list(caller.user, filter).await
    }

    /// The caller's tasks that have words beginning with each of these.
    pub async fn search(&self, caller: &Caller, words: &[String], filter: &Filter) -> Result<Found> {
        self.store.search(caller.user, words, filter).await
    }

    /// The caller's tasks in their own order, oldest first until they drag one.
    pub async fn in_order(&self, caller: &Caller, after: Option<Place>, limit: i64) -> Result<Vec<Task>> {
        self.store.in_order(caller.user, after, limit).await
    }

    /// Makes a task different, if it is as expected up to the moment of writing.
    pub async fn change(
        &self,
        caller: &Caller,
        id: TaskId,
        change: Change,
        expected: &Expected,
    ) -> Result<Task> {
        let change = change.checked()?;
        self.may_stand(caller, Some(id), change.parent.flatten(), change.list.flatten()).await?;
        for _ in 0..TRIES {
            let task = self.find(caller, id).await?;
            expected.met_by(task.version)?;
            let Some(changed) = change.clone().apply(&task, self.clock.now()) else { return Ok(task) };

            let along = self.telling(&TaskChanged { id, owner: caller.user, version: changed.version })?;
            if self.store.update(caller.user, &task, &changed, along).await? {
                return Ok(changed);
            }
        }
        Err(expected.missed())
    }

    /// Takes a task out of sight, if it is as expected up to that moment; it can be restored for thirty days.
    pub async fn delete(&self, caller: &Caller, id: TaskId, expected: &Expected) -> Result<()> {
        for _ in 0..TRIES {
            let task = self.find(caller, id).await?;
            expected.met_by(task.version)?;

            let along = self.telling(&TaskDeleted { id, owner: caller.user, version: task.version + 1 })?;
            if self.store.delete(caller.user, &task, self.clock.now(), along).await? {
                return Ok(());
            }
        }
        Err(expected.missed())
    }

    /// Brings a deleted task back.
    pub async fn restore(&self, caller: &Caller, id: TaskId) -> Result<Task> {
        let Some(task) = self.store.find_deleted(caller.user, id).await? else {
            // Restoring twice is no mistake.
            return self.find(caller, id).await;
        };
        let (version, updated_at) = (task.version + 1, self.clock.now().max(task.updated_at));
        let details = self.still_standing(caller, task.details.as_deref()).await?;
        let back = Task { details, version, updated_at, ..task.clone() };

        let along = self.telling(&TaskRestored { id, owner: caller.user, version })?;
        if self.store.restore(caller.user, &task, &back, along).await? {
            return Ok(back);
        }
        self.find(caller, id).await
    }

    /// The task that a draft becomes.
    async fn drafted(&self, caller: &Caller, draft: Draft) -> Result<Task> {
        let draft = self.accepted(caller, draft).await?;
        Ok(draft.task(self.ids.next()?, self.clock.now()))
    }

    /// The draft as it will be kept, if it may stand where it says.
    async fn accepted(&self, caller: &Caller, draft: Draft) -> Result<Draft> {
        let draft = draft.checked()?;
        if let Some(details) = &draft.details {
            self.may_stand(caller, None, details.parent_id, details.list_id).await?;
        }
        Ok(draft)
    }

    fn telling<T: Tell>(&self, fact: &T) -> Result<Along> {
        Ok(Along::none().with(self.teller.tell(fact)?))
    }
}

#[cfg(test)]
mod tests;
