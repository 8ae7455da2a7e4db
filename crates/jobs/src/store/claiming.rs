//! Jobs that a worker takes.

use std::collections::HashMap;

use db::{Db, FromRow, Result, Row, Sql, Tx, sql};
use futures_util::FutureExt;
use types::{JobId, Timestamp, UserId};

use super::{LISTED, SqlJobs};
use crate::job::Priority;

/// Who takes jobs, and how many.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'c> {
    /// What they are held by: no other claim is called like this.
    pub number: i64,
    /// Who holds them; 0 is somebody outside.
    pub worker: i64,
    /// Of which lane.
    pub lane: &'c str,
    /// Those that go first, or the others.
    pub priority: Priority,
    /// How many at the most.
    pub most: usize,
    /// Those alone, when they are named.
    pub named: &'c [JobId],
    /// Those of before that id alone, when it is named.
    pub before: Option<JobId>,
    /// Until when somebody outside holds them.
    pub until: Option<Timestamp>,
    /// Whether the lane has a limit.
    pub is_limited: bool,
    /// Now.
    pub at: Timestamp,
}

/// A job that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which one.
    pub id: JobId,
    /// Whose.
    pub owner: Option<UserId>,
    /// Of which kind.
    pub kind: String,
    /// What it is about.
    pub payload: String,
    /// Its key.
    pub key: Option<String>,
    /// How often it may be tried.
    pub attempts: i64,
    /// Which attempt this is.
    pub attempt: i64,
    /// When it was due.
    pub run_at: Timestamp,
    /// When it was put in the queue.
    pub created_at: Timestamp,
}

impl FromRow for Claimed {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            owner: row.get(1)?,
            kind: row.get(2)?,
            payload: row.get(3)?,
            key: row.get(4)?,
            attempts: row.get(5)?,
            run_at: row.get(6)?,
            created_at: row.get(7)?,
            attempt: 0,
        })
    }
}

impl SqlJobs {
    /// In which of these rows something waits, of before that id if one is named.
    pub async fn waiting(
        &self,
        rows: &[(String, Priority)],
        before: Option<JobId>,
    ) -> Result<Vec<(String, Priority)>> {
        let mut found = Vec::new();
        for part in rows.chunks(LISTED) {
            let look = Sql::together(part.iter().map(|(lane, priority)| {
                sql!(
                    "select lane, priority from job_queue where lane = ? and priority = ?",
                    lane.as_str(),
                    priority.kept()
                )
                .opt(" and id < ?", before)
                .push(" limit 1")
            }));
            found.append(&mut self.db.all::<(String, i64)>(look).await?);
        }
        Ok(found.into_iter().map(|(lane, priority)| (lane, Priority::from_kept(priority))).collect())
    }

    /// Takes the first of a lane that nobody has.
    pub async fn claim(&self, claim: Claim<'_>) -> Result<Vec<Claimed>> {
        let taken = take(&self.db, claim).await?;
        let attempts: HashMap<JobId, i64> = taken.iter().copied().collect();
        let mut claimed = Vec::with_capacity(taken.len());
        for part in taken.chunks(LISTED) {
            let read = sql!(
                "select id, owner_id, kind, payload, unique_key, attempts, run_at, created_at from jobs where id in "
            );
            claimed.append(&mut self.db.all::<Claimed>(read.within(part.iter().map(|(id, _)| *id))).await?);
        }
        for job in &mut claimed {
            job.attempt = attempts.get(&job.id).copied().unwrap_or_default();
        }
        claimed.sort_unstable_by_key(|job| job.id);
        Ok(claimed)
    }
}

/// Moves jobs from the queue to those at work; which, and which attempt it is.
async fn take(db: &Db, claim: Claim<'_>) -> Result<Vec<(JobId, i64)>> {
    let Claim { number, worker, priority, most, until, is_limited, before, at, .. } = claim;
    let (lane, named) = (claim.lane.to_owned(), claim.named.to_vec());
    let priority = priority.kept();
    db.tx(move |tx| {
        let (lane, named) = (lane.clone(), named.clone());
        async move {
            let room = if is_limited { room(tx, &lane).await?.min(most) } else { most };
            let first = sql!(
                "select id, attempt + 1 from job_queue where lane = ? and priority = ?",
                lane.as_str(),
                priority
            )
            .opt(" and id < ?", before);
            let first = if named.is_empty() { first } else { first.push(" and id in ").within(named) };
            let limit = i64::try_from(room).unwrap_or(i64::MAX);
            let taken: Vec<(JobId, i64)> = match room {
                0 => Vec::new(),
                _ => tx.take(first.push(" order by id limit ?").bind(limit)).await?,
            };
            for part in taken.chunks(LISTED) {
                hold(tx, (number, worker), (&lane, priority), part, (at, until)).await?;
            }
            Ok(taken)
        }
        .boxed()
    })
    .await
}

/// How many more of a lane may run. Those who claim from one with a limit take turns by its row: whoever finds it taken
/// comes again.
async fn room(tx: &mut Tx<'_>, lane: &str) -> Result<usize> {
    let limit = sql!("select most from job_lanes where lane = ?", lane);
    let Some(most) = tx.take::<Option<i64>>(limit).await?.pop().flatten() else { return Ok(0) };
    let held: Option<i64> = tx.first(sql!("select count(*) from job_held where lane = ?", lane)).await?;
    Ok(usize::try_from(most - held.unwrap_or_default()).unwrap_or(0))
}

/// Moves these from their lane to those at work.
async fn hold(
    tx: &mut Tx<'_>,
    (claim, worker): (i64, i64),
    (lane, priority): (&str, i64),
    part: &[(JobId, i64)],
    (at, until): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let [Some((from, _)), Some((to, _))] = [part.first(), part.last()] else { return Ok(()) };
    let ids = || part.iter().map(|(id, _)| *id);
    // The range keeps an engine that knows nothing of the table from reading the lane to its end.
    let hold = sql!(
        "insert into job_held (id, claim, worker, lane, priority, owner_id, attempt, started_at, held_until, cancelled) \
         select id, ?, ?, lane, priority, owner_id, attempt + 1, ?, ?, 0 from job_queue \
         where lane = ? and priority = ? and id >= ? and id <= ? and id in ",
        claim,
        worker,
        at,
        until,
        lane,
        priority,
        *from,
        *to
    );
    tx.run(hold.within(ids())).await?;
    let gone = sql!(
        "delete from job_queue where lane = ? and priority = ? and id >= ? and id <= ? and id in ",
        lane,
        priority,
        *from,
        *to
    );
    if tx.run(gone.within(ids())).await? != part.len() as u64 {
        return Err(db::Error::Contended("a job was taken by another".into()));
    }
    Ok(())
}
