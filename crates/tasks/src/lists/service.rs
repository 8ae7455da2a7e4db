//! What can be done with lists, and by whom.

use std::sync::Arc;

use async_trait::async_trait;
use types::{Caller, Clock, Error, Ids, ListId, Result, Timestamp, UserId};

use super::{List, NOT_EMPTY, NOT_FOUND, TOO_MANY, name};
use crate::filter::Filter;
use crate::service::TaskStore;

/// Lists that one person may have: all of them are shown at once.
const MOST: usize = 200;

/// Where lists are kept.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ListStore: Send + Sync {
    /// Writes a new list down.
    async fn insert(&self, owner: UserId, list: &List) -> Result<()>;
    /// The owner's list, unless it is deleted.
    async fn find(&self, owner: UserId, id: ListId) -> Result<Option<List>>;
    /// All of the owner's, oldest first.
    async fn all(&self, owner: UserId) -> Result<Vec<List>>;
    /// Replaces the version before this one; false when that is not what is there.
    async fn update(&self, owner: UserId, list: &List) -> Result<bool>;
    /// Takes this version out of sight; false when that is not what is there.
    async fn delete(&self, owner: UserId, list: &List, now: Timestamp) -> Result<bool>;
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Lists {
    store: Arc<dyn ListStore>,
    tasks: Arc<dyn TaskStore>,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

impl Lists {
    /// Over these stores.
    pub fn new(
        store: Arc<dyn ListStore>,
        tasks: Arc<dyn TaskStore>,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, tasks, ids, clock }
    }

    /// Makes a list.
    pub async fn create(&self, caller: &Caller, wanted: &str) -> Result<List> {
        let name = name(wanted)?;
        if self.store.all(caller.user).await?.len() >= MOST {
            return Err(Error::Conflict(TOO_MANY));
        }
        let now = self.clock.now();
        let list = List { id: self.ids.next()?, name, version: 1, created_at: now, updated_at: now };
        self.store.insert(caller.user, &list).await?;
        Ok(list)
    }

    /// One of the caller's lists.
    pub async fn find(&self, caller: &Caller, id: ListId) -> Result<List> {
        self.store.find(caller.user, id).await?.ok_or(Error::NotFound(NOT_FOUND))
    }

    /// All of the caller's lists, oldest first.
    pub async fn all(&self, caller: &Caller) -> Result<Vec<List>> {
        self.store.all(caller.user).await
    }

    /// Calls it something else.
    pub async fn rename(&self, caller: &Caller, id: ListId, wanted: &str) -> Result<List> {
        let name = name(wanted)?;
        let list = self.find(caller, id).await?;
        if list.name == name {
            return Ok(list);
        }
        let (version, updated_at) = (list.version + 1, self.clock.now().max(list.updated_at));
        let renamed = List { name, version, updated_at, ..list };
        if self.store.update(caller.user, &renamed).await? { Ok(renamed) } else { Err(Error::Stale) }
    }

    /// Takes an empty list out of sight.
    pub async fn delete(&self, caller: &Caller, id: ListId) -> Result<()> {
        let list = self.find(caller, id).await?;
        let inside = Filter { list: Some(id), limit: 1, ..Filter::default() };
        if !self.tasks.list(caller.user, &inside).await?.is_empty() {
            return Err(Error::Conflict(NOT_EMPTY));
        }
        let deleted = self.store.delete(caller.user, &list, self.clock.now()).await?;
        if deleted { Ok(()) } else { Err(Error::Stale) }
    }
}
