//! How a person's jobs are doing, at a glance.

use types::{Caller, Result};

use super::Jobs;
use crate::store::Filter;
use crate::{Job, State};

/// Jobs that are shown.
const SHOWN: i64 = 5;
/// Jobs of a state that are counted: who has more knows enough, and nobody waits until a million are.
pub const COUNTED: i64 = 100;
/// What is counted.
const STATES: [State; 4] = [State::Running, State::Queued, State::Scheduled, State::Dead];

/// How a person's jobs are doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    /// How many are at work, up to a hundred, as all of these.
    pub running: i64,
    /// How many are due.
    pub queued: i64,
    /// How many will be.
    pub scheduled: i64,
    /// How many failed for good.
    pub dead: i64,
    /// The newest, whatever they are doing.
    pub newest: Vec<Job>,
}

impl Jobs {
    /// The caller's jobs, at a glance.
    pub async fn glance(&self, caller: &Caller) -> Result<Glance> {
        let kinds: Vec<String> = self.kinds.names().map(str::to_owned).collect();
        let counts = self.store.count(caller.user, &kinds, &STATES, COUNTED).await?;
        let filter = Filter { kinds, limit: SHOWN, ..Filter::default() };
        let newest = self.store.list(caller.user, &filter).await?;
        let of = |wanted| counts.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
        let of = |wanted| of(wanted).min(COUNTED);
        Ok(Glance {
            running: of(State::Running),
            queued: of(State::Queued),
            scheduled: of(State::Scheduled),
            dead: of(State::Dead),
            newest,
        })
    }
}
