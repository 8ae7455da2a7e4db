//! Jobs as JSON, both ways.

use api::{Failure, Paging};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use types::{JobId, Text, Timestamp};
use utoipa::{IntoParams, ToSchema};

use super::kinds::Kinds;
use super::texts;
use super::wanted::Wanted;
use crate::store::Filter;
use crate::{State, job};

/// The same fields, read strictly and loosely.
macro_rules! new_job {
    ($(#[$meta:meta])* $name:ident) => {
        #[derive(Deserialize, ToSchema)]
        $(#[$meta])*
        pub struct $name {
            /// What is to be done: `webhook`, `email`, `report` or `external`.
            kind: Option<String>,
            /// What it is about: an object of at most 64 KiB. What must be in it depends on the kind.
            #[schema(value_type = Option<Object>)]
            payload: Option<Box<RawValue>>,
            /// Not before this moment, at most a year ahead; at once when it has passed.
            #[schema(value_type = Option<String>, format = DateTime)]
            run_at: Option<Timestamp>,
            /// Not before so many seconds have passed; instead of `run_at`.
            delay: Option<i64>,
            /// `high` goes before all others, `normal` in its turn.
            priority: Option<String>,
            /// While a job of yours with this key is open, there is no other of its kind and queue: you hear of that one.
            key: Option<String>,
            /// How often it is tried, 1 to 25.
            attempts: Option<i64>,
            /// For `external`: which of your workers it is for; `default` when not given.
            queue: Option<String>,
        }

        impl From<$name> for Wanted {
            fn from(new: $name) -> Self {
                let $name { kind, payload, run_at, delay, priority, key, attempts, queue } = new;
                Self { kind, payload, run_at, delay, priority, key, attempts, queue }
            }
        }
    };
}

new_job!(
    /// A job to be.
    #[serde(deny_unknown_fields)]
    NewJob
);
new_job!(
    /// A job to be, as older clients write it.
    #[schema(as = NewPlainJob)]
    NewPlain
);

/// Which jobs are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Only those in these states, with commas between: `queued`, `scheduled`, `running`, `done`, `dead`, `cancelled`.
    state: Option<String>,
    /// Only those of these kinds, with commas between.
    kind: Option<String>,
    /// How many, 1 to 200; 50 when not given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Listing {
    /// What is asked of the service: one more than fits on the page.
    pub fn asked(self, kinds: &Kinds) -> Result<Filter, Failure> {
        let paging = Paging { limit: self.limit, cursor: self.cursor };
        let states =
            list(self.state.as_deref(), State::named, || texts::UNKNOWN_STATE, State::ALL.map(State::name))?;
        let of = |name: &str| kinds.named(name).map(|kind| kind.name().to_owned());
        let named = list(self.kind.as_deref(), of, || texts::UNKNOWN_KIND, kinds.names())?;
        let kinds = if named.is_empty() { kinds.names().map(str::to_owned).collect() } else { named };
        Ok(Filter { states, kinds, before: paging.after()?, limit: 1 + paging.limit()? })
    }
}

/// What stands between commas, each once.
fn list<T: PartialEq>(
    said: Option<&str>,
    named: impl Fn(&str) -> Option<T>,
    unknown: impl Fn() -> Text,
    all: impl IntoIterator<Item = &'static str>,
) -> Result<Vec<T>, Failure> {
    let mut found = Vec::new();
    for name in said.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some(one) = named(name) else {
            let all: Vec<_> = all.into_iter().collect();
            return Err(Failure::bad_request(unknown().with([&all.join(", ")])));
        };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

/// A job.
#[derive(Serialize, ToSchema)]
pub struct Job {
    #[schema(value_type = u64)]
    pub id: JobId,
    kind: String,
    /// Which of your workers it is for.
    queue: Option<String>,
    /// `queued`, `scheduled`, `running`, `done`, `dead` or `cancelled`.
    state: &'static str,
    /// `high` or `normal`.
    priority: &'static str,
    key: Option<String>,
    /// When it is, or was, due.
    #[schema(value_type = String, format = DateTime)]
    run_at: Timestamp,
    /// How often it has been tried.
    attempt: i64,
    /// How often it is tried at the most.
    attempts: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its last attempt began.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// Why it failed the last time.
    error: Option<String>,
    /// How far it has come, as whoever does it says.
    #[schema(value_type = Option<Object>)]
    progress: Option<Box<RawValue>>,
    /// Whether it was called off and is being let go of.
    cancelling: bool,
}

impl From<job::Job> for Job {
    fn from(job: job::Job) -> Self {
        let job::Job { id, draft, state, run_at, attempt, created_at, started_at, finished_at, .. } = job;
        Self {
            id,
            kind: draft.kind,
            queue: draft.queue,
            state: state.name(),
            priority: draft.priority.name(),
            key: draft.key,
            run_at,
            attempt,
            attempts: draft.attempts,
            created_at,
            started_at,
            finished_at,
            error: job.error,
            progress: job.progress.and_then(raw),
            cancelling: job.is_cancelling,
        }
    }
}

/// JSON as it was written; nothing where it is none.
fn raw(json: String) -> Option<Box<RawValue>> {
    RawValue::from_string(json).ok()
}
