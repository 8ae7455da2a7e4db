//! Writing down what a client may send again.

use std::collections::{HashMap, HashSet};

use api::idempotency::{Key, Made, Once, once};
use db::Along;
use types::facts::tasks::TasksCreated;
use types::{Caller, Error, Ids, Result, TaskId, Text};

use super::Tasks;
use super::many::TOLD;
use crate::task::{Draft, Task};

/// Rows of tasks and their marks that one key stands for. It is one transaction, and all others wait for it.
const ROWS: usize = 10_000;
/// Tasks read at once.
const AT_ONCE: usize = 100;

const TOO_MUCH: Text = Text {
    code: "too_much_for_a_key",
    en: "this is too much for one Idempotency-Key; send fewer at once",
    uk: "це забагато для одного Idempotency-Key; надішліть менше за один раз",
    ru: "это слишком много для одного Idempotency-Key; пришлите меньше за один раз",
};

/// What came of each of many; nothing where it was made before and has been deleted.
type Each = Vec<Result<Option<Task>>>;

impl Tasks {
    /// Writes a task down, once for each key. Without one, each time.
    pub async fn create_once(&self, caller: &Caller, draft: Draft, key: Option<&Key>) -> Result<Once<Task>> {
        let Some(key) = key else { return self.create(caller, draft).await.map(Once::Now) };
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make(caller, draft.clone(), Some(key)),
            |made| self.store.find(caller.user, TaskId::trusted(made.first_id)),
        )
        .await
    }

    /// Writes many tasks down, once for each key. Without one, each time.
    pub async fn create_many_once(
        &self,
        caller: &Caller,
        drafts: Vec<Draft>,
        key: Option<&Key>,
    ) -> Result<Once<Each>> {
        let Some(key) = key else {
            let made = self.create_many(caller, drafts).await;
            return Ok(Once::Now(made.into_iter().map(|task| task.map(Some)).collect()));
        };
        once(
            key,
            || self.store.made(caller.user, key),
            || self.make_many(caller, drafts.clone(), key),
            |made| self.made_many(caller, drafts.clone(), made),
        )
        .await
    }

    /// All that can be kept and the key are one transaction. Each draft has an id, whether or not it is kept: so the
    /// first one says which task each became.
    async fn make_many(&self, caller: &Caller, drafts: Vec<Draft>, key: &Key) -> Result<Each> {
        let (ids, now) = (self.ids.next_many(drafts.len())?, self.clock.now());
        let (mut results, mut good) = (Vec::with_capacity(ids.len()), Vec::new());
        for (draft, id) in drafts.into_iter().zip(&ids) {
            let task = self.judged(caller, draft).await?.map(|draft| draft.task(*id, now));
            good.extend(task.iter().cloned());
            results.push(task.map(Some));
        }
        let (Some(first), false) = (ids.first(), good.is_empty()) else { return Ok(results) };
        if good.iter().map(|task| 1 + task.marks().len()).sum::<usize>() > ROWS {
            return Err(Error::invalid("items", TOO_MUCH));
        }
        let items = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let mut along = Along::none().with(key.kept(caller.user, first.number(), items, now));
        for part in good.chunks(TOLD) {
            let ids = part.iter().map(|task| task.id).collect();
            along = along.with(self.teller.tell(&TasksCreated { ids, owner: caller.user })?);
        }
        self.store.insert_all(caller.user, &good, along).await?;
        Ok(results)
    }

    /// What is there of it now. What was not made is judged again: it may be refused for another reason than the first
    /// time, or for none, and then it is stale.
    async fn made_many(&self, caller: &Caller, drafts: Vec<Draft>, made: Made) -> Result<Option<Each>> {
        let ids: Vec<TaskId> = Ids::run(TaskId::trusted(made.first_id), drafts.len()).collect();
        let (mut there, mut gone) = (HashMap::new(), HashSet::new());
        for part in ids.chunks(AT_ONCE) {
            let found = self.store.find_all(caller.user, part).await?;
            there.extend(found.into_iter().map(|task| (task.id, task)));
            gone.extend(self.store.gone(caller.user, part).await?);
        }
        let mut results = Vec::with_capacity(ids.len());
        for (draft, id) in drafts.into_iter().zip(ids) {
            results.push(match there.remove(&id) {
                Some(task) => Ok(Some(task)),
                None if gone.contains(&id) => Ok(None),
                None => self.judged(caller, draft).await?.and(Err(Error::Stale)),
            });
        }
        Ok(Some(results))
    }

    /// The draft as it will be kept, or what is wrong with it; an error when that cannot be found out.
    async fn judged(&self, caller: &Caller, draft: Draft) -> Result<Result<Draft>> {
        match self.accepted(caller, draft).await {
            Err(error) if !matches!(error, Error::Invalid(_)) => Err(error),
            judged => Ok(judged),
        }
    }
}
