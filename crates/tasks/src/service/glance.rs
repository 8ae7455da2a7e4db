//! What there is to do, at a glance.

use types::{Caller, Result};

use super::Tasks;
use crate::filter::Filter;
use crate::task::Task;

/// Tasks that are shown.
const SHOWN: i64 = 10;
/// Tasks that are counted: who has more knows enough, and nobody waits until a million are.
const COUNTED: i64 = 100;

/// What a person has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// How many open tasks there are, as far as they are counted.
    pub open: i64,
    /// Whether there are more.
    pub more: bool,
    /// The newest of them.
    pub newest: Vec<Task>,
}

impl Tasks {
    /// The caller's open tasks, at a glance.
    pub async fn glance(&self, caller: &Caller) -> Result<Glance> {
        let filter = Filter { completed: Some(false), limit: SHOWN, ..Filter::default() };
        let newest = self.store.list(caller.user, &filter).await?;

        let shown = i64::try_from(newest.len()).unwrap_or(SHOWN);
        let open =
            if shown < SHOWN { shown } else { self.store.count_open(caller.user, COUNTED + 1).await? };
        Ok(Glance { open: open.min(COUNTED), more: open > COUNTED, newest })
    }
}
