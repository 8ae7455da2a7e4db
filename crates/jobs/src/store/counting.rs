//! How many there are, counted no further than anybody wants to know.

use db::{Result, Sql, sql};
use types::UserId;

use super::SqlJobs;
use super::reading::range;
use crate::job::State;

/// How many of a person's jobs are in each state, as far as they are counted.
pub type Counts = Vec<(State, i64)>;

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
                sql!("select count(*) from some").with("some", some)
            })
        });
        let counted: Vec<i64> = self.db.all(Sql::together(counts)).await?;
        let of = |(state, counts): (&State, &[i64])| (*state, counts.iter().sum());
        Ok(states.iter().zip(counted.chunks(kinds.len())).map(of).collect())
    }
}
