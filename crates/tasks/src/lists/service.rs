//! What can be done with lists, and by whom.

use std::sync::Arc;

use api::idempotency::{Key, Made, Once, once};
use async_trait::async_trait;
use db::Along;
use types::{Caller, Clock, Error, Expected, Ids, ListId, Result, Timestamp, UserId};

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
    async fn insert(&self, owner: UserId, list: &List, along: Along) -> Result<()>;
    /// What the owner made with this key.
    async fn made(&self, owner: UserId, key: &Key) -> Result<Option<Made>>;
    /// The owner's list, unless it is deleted.
    async fn find(&self, owner: UserId, id: ListId) -> Result<Option<List>>;
    /// All of the owner's, oldest first.
    async fn all(&self, owner: UserId) -> Result<Vec<List>>;
    /// Replaces the version before this one; false when that is not what is there.
    async fn update(&self, owner: UserId, list: &List) -> Result<bool>;
    /// Takes this version out of sight; false when that is not what is there.
    async fn delete(&self, owner: UserId, list: &List, now: Timestamp) -> Result<bool>;
    /// Removes some of the owner's, deleted ones too; false when there were none.
    async fn forget_some(&self, owner: UserId) -> Result<bool>;
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

    /// Makes a list, once for each key; without one, each time.
    pub async fn create(&self, caller: &Caller, wanted: &str, key: Option<&Key>) -> Result<Once<List>> {
        let Some(key) = key else { return self.make(caller, wanted, None).await.map(Once::Now) };
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make(caller, wanted, Some(key)),
            |made| self.store.find(caller.user, ListId::trusted(made.first_id)),
        )
        .await
    }

    async fn make(&self, caller: &Caller, wanted: &str, key: Option<&Key>) -> Result<List> {
        let name = name(wanted)?;
        if self.store.all(caller.user).await?.len() >= MOST {
            return Err(Error::Conflict(TOO_MANY));
        }
        let now = self.clock.now();
        let list = List { id: self.ids.next()?, name, version: 1, created_at: now, updated_at: now };
        let kept = key.map(|key| key.kept(caller.user, list.id.number(), 1, now));
        let along = kept.into_iter().fold(Along::none(), Along::with);
        self.store.insert(caller.user, &list, along).await?;
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

    /// Calls it something else, if it is as expected.
    pub async fn rename(
        &self,
        caller: &Caller,
        id: ListId,
        wanted: &str,
        expected: &Expected,
    ) -> Result<List> {
        let name = name(wanted)?;
        let list = self.find(caller, id).await?;
        expected.met_by(list.version)?;
        if list.name == name {
            return Ok(list);
        }
        let (version, updated_at) = (list.version + 1, self.clock.now().max(list.updated_at));
        let renamed = List { name, version, updated_at, ..list };
        if self.store.update(caller.user, &renamed).await? { Ok(renamed) } else { Err(expected.missed()) }
    }

    /// Takes an empty list out of sight, if it is as expected.
    pub async fn delete(&self, caller: &Caller, id: ListId, expected: &Expected) -> Result<()> {
        let list = self.find(caller, id).await?;
        expected.met_by(list.version)?;
        let inside = Filter { list: Some(id), limit: 1, ..Filter::default() };
        if !self.tasks.list(caller.user, &inside).await?.is_empty() {
            return Err(Error::Conflict(NOT_EMPTY));
        }
        let deleted = self.store.delete(caller.user, &list, self.clock.now()).await?;
        if deleted { Ok(()) } else { Err(expected.missed()) }
    }
}
