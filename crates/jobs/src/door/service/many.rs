//! Many at once: each has a result of its own.

use std::collections::{HashMap, HashSet};

use api::idempotency::{Key, Made, Once, once};
use db::Along;
use types::{Caller, Error, Ids, JobId, Result, UserId};

use super::{AT_ONCE, Jobs, Put};
use crate::door::texts;
use crate::door::wanted::Wanted;
use crate::{Draft, Job};

/// Jobs of one request.
const MOST: usize = 10_000;
/// Statements of one transaction; the engines take no more than a thousand.
const STATEMENTS: usize = 950;

/// Jobs of one transaction, where it need not be one: others wait for its commit.
const TOGETHER: usize = 500;

/// What came of each of many; nothing where it was made before and is gone.
pub type Each = Vec<Result<Option<Put>>>;

impl Jobs {
    /// Puts many jobs in the queue, once for each key. Without one, each time. What cannot be kept does not keep the others
    /// from it.
    pub async fn create_many(
        &self,
        caller: &Caller,
        wanted: Vec<Wanted>,
        key: Option<&Key>,
    ) -> Result<Once<Each>> {
        if wanted.len() > MOST {
            return Err(Error::invalid("body", texts::TOO_MANY_ITEMS.with([&MOST])));
        }
        let (owner, now) = (caller.user, self.clock.now());
        let drafts: Vec<Result<Draft>> =
            wanted.into_iter().map(|wanted| wanted.checked(&self.kinds, owner, now)).collect();
        let Some(key) = key else { return self.make_all(owner, &drafts).await.map(Once::Now) };
        once(
            key,
            || self.store.made(owner, key),
            || self.make_together(owner, &drafts, key),
            |made| self.all_made_before(owner, &drafts, made),
        )
        .await
    }

    /// In transactions that nobody has to wait for long.
    async fn make_all(&self, owner: UserId, drafts: &[Result<Draft>]) -> Result<Each> {
        let ids = self.store.ids(drafts.len())?;
        let mut failed = HashMap::new();
        for part in parts(good(&ids, drafts)) {
            let part_ids: Vec<JobId> = part.iter().map(|(id, _)| *id).collect();
            let putting = self.store.put(part)?;
            if let Err(error) = self.store.write(Along::none().with(putting)).await {
                tracing::warn!(error = %error, jobs = part_ids.len(), "some of many jobs were not put in the queue");
                failed.extend(part_ids.into_iter().map(|id| (id, error.clone())));
            }
        }
        self.outcomes(owner, &ids, drafts, &failed).await
    }

    /// All that can be kept and the key are one transaction. Each draft has an id, whether or not it is kept: so the first
    /// one says which job each became.
    async fn make_together(&self, owner: UserId, drafts: &[Result<Draft>], key: &Key) -> Result<Each> {
        let ids = self.store.ids(drafts.len())?;
        let good = good(&ids, drafts);
        let keyed = good.iter().filter(|(_, draft)| draft.key.is_some()).count();
        if statements(good.len(), keyed) > STATEMENTS {
            return Err(Error::invalid("body", texts::TOO_MUCH_FOR_A_KEY));
        }
        if let (Some(first), false) = (ids.first(), good.is_empty()) {
            let putting = self.store.put(good)?;
            let items = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            let kept = key.kept(owner, first.number(), items, putting.at());
            self.store.write(Along::none().with(kept).with(putting)).await?;
        }
        self.outcomes(owner, &ids, drafts, &HashMap::new()).await
    }

    /// What was written, without another look at what has no key: it is there.
    async fn outcomes(
        &self,
        owner: UserId,
        ids: &[JobId],
        drafts: &[Result<Draft>],
        failed: &HashMap<JobId, Error>,
    ) -> Result<Each> {
        let keyed = good(ids, drafts)
            .into_iter()
            .filter(|(id, draft)| draft.key.is_some() && !failed.contains_key(id));
        let keyed: Vec<(JobId, Draft)> = keyed.collect();
        let there = self.there(owner, keyed.iter().map(|(id, _)| *id)).await?;
        let there: HashSet<JobId> = there.into_keys().collect();
        let missing: Vec<Draft> =
            keyed.into_iter().filter(|(id, _)| !there.contains(id)).map(|(_, draft)| draft).collect();
        let open = self.open_ones(owner, &missing).await?;
        let now = self.clock.now();
        let of = |(id, draft): (&JobId, &Result<Draft>)| {
            let draft = draft.as_ref().map_err(Clone::clone)?;
            if let Some(error) = failed.get(id) {
                return Err(error.clone());
            }
            if draft.key.is_none() || there.contains(id) {
                return Ok(Some(Put::New(Job::new(*id, outside(draft), now))));
            }
            // Whoever had its key has just ended: who asks again gets it.
            open.get(&name(draft)).cloned().map(|job| Some(Put::Open(job))).ok_or(Error::Stale)
        };
        Ok(ids.iter().zip(drafts).map(of).collect())
    }

    /// What is there of it now.
    async fn all_made_before(
        &self,
        owner: UserId,
        drafts: &[Result<Draft>],
        made: Made,
    ) -> Result<Option<Each>> {
        let ids: Vec<JobId> = Ids::run(JobId::trusted(made.first_id), drafts.len()).collect();
        let mut there = self.there(owner, ids.iter().copied()).await?;
        let missing = ids.iter().zip(drafts).filter(|(id, _)| !there.contains_key(id));
        let missing: Vec<Draft> = missing.filter_map(|(_, draft)| draft.as_ref().ok().cloned()).collect();
        let open = self.open_ones(owner, &missing).await?;
        let of = |(id, draft): (&JobId, &Result<Draft>)| {
            let draft = draft.as_ref().map_err(Clone::clone)?;
            let found = there.remove(id).map(Put::New);
            Ok(found.or_else(|| open.get(&name(draft)).cloned().map(Put::Open)))
        };
        Ok(Some(ids.iter().zip(drafts).map(of).collect()))
    }

    /// Those of these jobs that are there.
    async fn there(&self, owner: UserId, ids: impl Iterator<Item = JobId>) -> Result<HashMap<JobId, Job>> {
        let (ids, mut there) = (ids.collect::<Vec<_>>(), HashMap::new());
        for part in ids.chunks(AT_ONCE) {
            there.extend(self.store.find_all(owner, part).await?.into_iter().map(|job| (job.id, job)));
        }
        Ok(there)
    }

    /// The open jobs that have the keys of these drafts, by lane and key.
    async fn open_ones(&self, owner: UserId, drafts: &[Draft]) -> Result<HashMap<(String, String), Job>> {
        let mut keys: HashMap<String, Vec<String>> = HashMap::new();
        for (lane, key) in drafts.iter().filter(|draft| draft.key.is_some()).map(name) {
            keys.entry(lane).or_default().push(key);
        }
        let mut open = HashMap::new();
        for (lane, keys) in keys {
            for part in keys.chunks(AT_ONCE) {
                let found = self.store.by_keys(&lane, part).await?;
                let jobs = self.there(owner, found.iter().map(|(_, id)| *id)).await?;
                open.extend(
                    found
                        .into_iter()
                        .filter_map(|(key, id)| Some(((lane.clone(), key), jobs.get(&id)?.clone()))),
                );
            }
        }
        Ok(open)
    }
}

/// What a draft is called while it is open.
fn name(draft: &Draft) -> (String, String) {
    (draft.lane(), draft.key.clone().unwrap_or_default())
}

/// The same without what it is about, which may be much.
fn outside(draft: &Draft) -> Draft {
    Draft {
        payload: String::new(),
        kind: draft.kind.clone(),
        queue: draft.queue.clone(),
        key: draft.key.clone(),
        ..*draft
    }
}

/// Those that can be kept, under their ids.
fn good(ids: &[JobId], drafts: &[Result<Draft>]) -> Vec<(JobId, Draft)> {
    let good = ids.iter().zip(drafts).filter_map(|(id, draft)| Some((*id, draft.as_ref().ok()?.clone())));
    good.collect()
}

/// How many statements put so many in the queue at the most: rows go in by hundreds, tens and ones, into three tables, and a
/// key is three more.
const fn statements(jobs: usize, keyed: usize) -> usize {
    3 * (jobs / 100 + 18) + 3 * keyed
}

/// Jobs that are written together.
fn parts(jobs: Vec<(JobId, Draft)>) -> Vec<Vec<(JobId, Draft)>> {
    let (mut parts, mut part, mut keyed) = (Vec::new(), Vec::new(), 0);
    for job in jobs {
        let more = usize::from(job.1.key.is_some());
        if part.len() == TOGETHER || statements(part.len() + 1, keyed + more) > STATEMENTS {
            parts.push(std::mem::take(&mut part));
            keyed = 0;
        }
        keyed += more;
        part.push(job);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_large_as_may_be_and_miss_nobody() {
        let jobs = |plain: usize, keyed: usize| {
            let draft = |n: usize| {
                let key = (n < keyed).then(|| n.to_string());
                Draft { key, ..Draft::new("external", "{}", 1) }
            };
            (1..).map(JobId::trusted).zip((0..plain + keyed).map(draft)).collect::<Vec<_>>()
        };
        let lengths = |jobs| parts(jobs).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(vec![]), [0; 0]);
        assert_eq!(lengths(jobs(1_200, 0)), [500, 500, 200]);
        assert_eq!(lengths(jobs(0, 1_000)), [296, 296, 296, 112]);
        for part in parts(jobs(777, 333)) {
            let steps = crate::store::put(&part, types::Timestamp::default());
            assert!(steps.len() <= STATEMENTS, "{}", steps.len());
        }
    }
}
