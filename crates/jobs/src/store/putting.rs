//! Jobs that are put in the queue.

use db::{Batch, Step, Value, sql};
use types::{JobId, Timestamp};

use super::keys::take;
use crate::job::{Draft, State};

const JOBS: &str = "insert into jobs (id, owner_id, kind, queue, state, priority, payload, unique_key, run_at, attempt, attempts, \
                    created_at) values";
const QUEUE: &str = "insert into job_queue (lane, priority, id, owner_id, attempt) values";
const LATER: &str = "insert into job_later (run_at, id, lane, priority, owner_id, attempt) values";

/// What puts these jobs in the queue. One whose key an open job of its lane has is not there afterwards.
pub fn put(jobs: &[(JobId, Draft)], now: Timestamp) -> Vec<Step> {
    let (mut rows, mut due, mut later) = (Vec::new(), Vec::new(), Vec::new());
    for (id, draft) in jobs {
        rows.push(row(*id, draft, now));
        match wait(draft, now) {
            None => due.push(queued(*id, draft)),
            Some(run_at) => later.push(scheduled(*id, draft, run_at)),
        }
    }
    let batch = Batch::new().bulk(JOBS, rows).bulk(QUEUE, due).bulk(LATER, later);
    let batch = jobs.iter().fold(batch, |batch, (id, draft)| match &draft.key {
        Some(key) => only_by_key(batch, *id, draft, key, now),
        None => batch,
    });
    batch.into_steps()
}

/// When it is due, if not at once.
fn wait(draft: &Draft, now: Timestamp) -> Option<Timestamp> {
    draft.run_at.filter(|run_at| *run_at > now)
}

fn row(id: JobId, draft: &Draft, now: Timestamp) -> Vec<Value> {
    let wait = wait(draft, now);
    let state = if wait.is_some() { State::Scheduled } else { State::Queued };
    vec![
        id.into(),
        draft.owner.into(),
        draft.kind.as_str().into(),
        draft.queue.as_deref().into(),
        state.kept().into(),
        draft.priority.kept().into(),
        draft.payload.as_str().into(),
        draft.key.as_deref().into(),
        draft.run_at.unwrap_or(now).into(),
        0.into(),
        i64::from(draft.attempts).into(),
        now.into(),
    ]
}

fn queued(id: JobId, draft: &Draft) -> Vec<Value> {
    vec![draft.lane().into(), draft.priority.kept().into(), id.into(), draft.owner.into(), 0.into()]
}

fn scheduled(id: JobId, draft: &Draft, run_at: Timestamp) -> Vec<Value> {
    let (lane, priority) = (draft.lane(), draft.priority.kept());
    vec![run_at.into(), id.into(), lane.into(), priority.into(), draft.owner.into(), 0.into()]
}

/// Takes the job back whose key is not its own.
fn only_by_key(batch: Batch, id: JobId, draft: &Draft, key: &str, now: Timestamp) -> Batch {
    let lane = draft.lane();
    let batch = batch.any(take(&lane, key, id));
    let from = match wait(draft, now) {
        None => sql!(
            "delete from job_queue where lane = ? and priority = ? and id = ?",
            lane.as_str(),
            draft.priority.kept(),
            id
        ),
        Some(run_at) => sql!("delete from job_later where run_at = ? and id = ?", run_at, id),
    };
    [from, sql!("delete from jobs where id = ?", id)].into_iter().fold(batch, |batch, delete| {
        let foreign = delete
            .push(" and not exists (select 1 from job_keys where lane = ? and unique_key = ? and id = ?)");
        batch.any(foreign.bind(lane.as_str()).bind(key).bind(id))
    })
}
