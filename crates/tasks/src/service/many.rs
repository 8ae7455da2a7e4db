//! Many at once: each has a result of its own.

use std::collections::HashMap;

use types::facts::tasks::{TasksChanged, TasksCreated};
use types::{Caller, Error, Expected, Result, TaskId};

use super::Tasks;
use crate::task::{Change, Draft, NOT_FOUND, Task};

/// Rows of tasks and their marks in one transaction.
const ROWS: usize = 900;
/// Tasks of one fact.
pub(super) const TOLD: usize = 500;
/// Tasks changed in one transaction; each is a statement, and its marks are more.
const CHANGED: usize = 64;

impl Tasks {
    /// Writes many tasks down. What cannot be kept does not keep the others from it.
    pub async fn create_many(&self, caller: &Caller, drafts: Vec<Draft>) -> Vec<Result<Task>> {
        let mut results = Vec::with_capacity(drafts.len());
        for draft in drafts {
            results.push(self.drafted(caller, draft).await);
        }
        let good: Vec<Task> = results.iter().filter_map(|result| result.as_ref().ok().cloned()).collect();
        let mut failed = HashMap::new();
        for part in parts(&good) {
            if let Err(error) = self.write_down(caller, part).await {
                tracing::warn!(error = %error, tasks = part.len(), "some of many tasks were not written down");
                failed.extend(part.iter().map(|task| (task.id, error.clone())));
            }
        }
        let written = |result: Result<Task>| {
            result.and_then(|task| failed.get(&task.id).map_or(Ok(task), |error| Err(error.clone())))
        };
        results.into_iter().map(written).collect()
    }

    /// Makes many tasks different, in this order.
    pub async fn change_many(&self, caller: &Caller, changes: Vec<(TaskId, Change)>) -> Vec<Result<Task>> {
        let mut results = Vec::with_capacity(changes.len());
        for part in changes.chunks(CHANGED) {
            match self.change_together(caller, part).await {
                Some(together) => results.extend(together),
                None => {
                    for (id, change) in part {
                        results.push(self.change(caller, *id, change.clone(), &Expected::Any).await);
                    }
                }
            }
        }
        results
    }

    async fn write_down(&self, caller: &Caller, tasks: &[Task]) -> Result<()> {
        let ids = tasks.iter().map(|task| task.id).collect();
        let along = self.telling(&TasksCreated { ids, owner: caller.user })?;
        self.store.insert_all(caller.user, tasks, along).await
    }

    /// In one transaction; nothing where it cannot be done so, as when one is changed twice or by somebody else
    /// meanwhile.
    async fn change_together(
        &self,
        caller: &Caller,
        changes: &[(TaskId, Change)],
    ) -> Option<Vec<Result<Task>>> {
        let ids: Vec<TaskId> = changes.iter().map(|(id, _)| *id).collect();
        let found = self.store.find_all(caller.user, &ids).await.ok()?;
        let found: HashMap<TaskId, Task> = found.into_iter().map(|task| (task.id, task)).collect();
        let (mut results, mut pairs) = (Vec::with_capacity(ids.len()), Vec::new());
        for (id, change) in changes {
            let result = self.next_version(caller, found.get(id), change.clone()).await;
            results.push(result.map(|(before, after)| {
                if before != after {
                    pairs.push((before, after.clone()));
                }
                after
            }));
        }
        if pairs.is_empty() {
            return Some(results);
        }
        let ids = pairs.iter().map(|(_, task)| task.id).collect();
        let along = self.telling(&TasksChanged { ids, owner: caller.user }).ok()?;
        let written = self.store.update_all(caller.user, &pairs, along).await;
        written.is_ok_and(|written| written).then_some(results)
    }

    async fn next_version(
        &self,
        caller: &Caller,
        task: Option<&Task>,
        change: Change,
    ) -> Result<(Task, Task)> {
        let change = change.checked()?;
        let task = task.ok_or(Error::NotFound(NOT_FOUND))?;
        let (parent, list) = (change.parent.flatten(), change.list.flatten());
        self.may_stand(caller, Some(task.id), parent, list).await?;
        let changed = change.apply(task, self.clock.now()).unwrap_or_else(|| task.clone());
        Ok((task.clone(), changed))
    }
}

/// Tasks that are written together.
fn parts(tasks: &[Task]) -> Vec<&[Task]> {
    let (mut parts, mut begin, mut rows) = (Vec::new(), 0, 0);
    for (at, task) in tasks.iter().enumerate() {
        let more = 1 + task.marks().len();
        if rows + more > ROWS || at - begin == TOLD {
            parts.push(&tasks[begin..at]);
            (begin, rows) = (at, 0);
        }
        rows += more;
    }
    if begin < tasks.len() {
        parts.push(&tasks[begin..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::details::Details;

    #[test]
    fn parts_are_bounded_by_their_rows_and_miss_nobody() {
        let task = |id: i64, labels: i64| Task {
            id: TaskId::trusted(id),
            title: "x".into(),
            note: None,
            completed: false,
            details: Details { labels: (0..labels).map(|n| n.to_string()).collect(), ..Details::default() }
                .kept(),
            position: id << 10,
            version: 1,
            created_at: types::Timestamp::default(),
            updated_at: types::Timestamp::default(),
        };
        let lengths = |tasks: &[Task]| parts(tasks).iter().map(|part| part.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&[]), [0; 0]);
        let plain: Vec<_> = (1..=1_000).map(|id| task(id, 0)).collect();
        assert_eq!(lengths(&plain), [500, 500]);
        let labelled: Vec<_> = (1..=100).map(|id| task(id, 20)).collect();
        assert_eq!(lengths(&labelled), [21, 21, 21, 21, 16]);
    }
}
