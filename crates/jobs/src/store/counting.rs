//! How many there are, counted no further than anybody wants to know.

use db::{Result, Sql, sql};
use types::UserId;

use super::SqlJobs;
use crate::job::State;

/// How many of a person's jobs are in each state, as far as they are counted.
pub type Counts = Vec<(State, i64)>;

/// Those of one kind in one state, by id. Those at work lie among those that are due, and are few, whatever else there is.
pub(super) fn range(owner: UserId, state: State, kind: &str) -> Sql {
    match state {
        State::Running => sql!(
            "select jobs.id from job_held held join jobs on jobs.id = held.id \
             where held.owner_id = ? and jobs.kind = ?",
            owner,
            kind
        ),
        State::Queued => sql!(
            "select jobs.id from jobs where jobs.owner_id = ? and jobs.state = 0 and jobs.kind = ? \
             and not exists (select 1 from job_held where job_held.id = jobs.id)",
            owner,
            kind
        ),
        _ => sql!(
            "select jobs.id from jobs where jobs.owner_id = ? and jobs.state = ? and jobs.kind = ?",
            owner,
            state.kept(),
            kind
        ),
    }
}

impl SqlJobs {
    /// How many of a person's jobs of these kinds are in each of these states; each kind is counted up to `most`.
    pub async fn count(
        &self,
        owner: UserId,
        kinds: &[String],
        states: &[State],
        most: i64,
    ) -> Result<Counts> {
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let counts = states.iter().flat_map(|state| {
            kinds.iter().map(move |kind| {
                let some = range(owner, *state, kind).push(" limit ?").bind(most);
                sql!("select count(*) from counted").with("counted", some)
            })
        });
        let counted: Vec<i64> = self.db.all(Sql::together(counts)).await?;
        let of = |(state, counts): (&State, &[i64])| (*state, counts.iter().sum());
        Ok(states.iter().zip(counted.chunks(kinds.len())).map(of).collect())
    }
}
