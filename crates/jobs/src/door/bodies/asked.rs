//! What is asked for.

use api::{Failure, Paging};
use serde::Deserialize;
use serde_json::value::RawValue;
use types::{Error, JobId, Text, Timestamp};
use utoipa::{IntoParams, ToSchema};

use crate::State;
use crate::door::kinds::Kinds;
use crate::door::service::Again;
use crate::door::texts;
use crate::door::wanted::Wanted;
use crate::store::Filter;

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
        let all = State::ALL.map(State::name);
        let states = list(self.state.as_deref(), State::named, texts::BAD_STATES, all)?;
        let kinds = named(self.kind.as_deref(), kinds)?;
        Ok(Filter { states, kinds, before: paging.after()?, limit: 1 + paging.limit()? })
    }
}

/// The kinds between commas; all when none is named.
fn named(said: Option<&str>, kinds: &Kinds) -> Result<Vec<String>, Failure> {
    let of = |name: &str| kinds.named(name).map(|kind| kind.name().to_owned());
    let named = list(said, of, texts::BAD_KINDS, kinds.names())?;
    Ok(if named.is_empty() { kinds.names().map(str::to_owned).collect() } else { named })
}

/// What stands between commas, each once.
fn list<T: PartialEq>(
    said: Option<&str>,
    named: impl Fn(&str) -> Option<T>,
    unknown: Text,
    all: impl IntoIterator<Item = &'static str>,
) -> Result<Vec<T>, Failure> {
    let mut found = Vec::new();
    for name in said.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let Some(one) = named(name) else {
            let all: Vec<_> = all.into_iter().collect();
            return Err(Failure::bad_request(unknown.with([&all.join(", ")])));
        };
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

/// Which jobs are to be tried again: those named, or else all of a state and kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JobsAgain)]
pub struct NewTries {
    /// `dead` or `cancelled`; `dead` when not given.
    state: Option<String>,
    /// Only those of these kinds, with commas between.
    kind: Option<String>,
    /// Only these, at most 1,000; nothing else is asked for then.
    #[schema(value_type = Option<Vec<u64>>)]
    ids: Option<Vec<JobId>>,
}

impl NewTries {
    /// What is asked of the service.
    pub fn asked(self, kinds: &Kinds) -> Result<Again, Failure> {
        let Self { state, kind, ids } = self;
        let state = match state.as_deref() {
            None | Some("dead") => State::Dead,
            Some("cancelled") => State::Cancelled,
            Some(_) => return Err(Error::invalid("state", texts::BAD_TRIES).into()),
        };
        let unknown = || {
            let all: Vec<_> = kinds.names().collect();
            Failure::from(Error::invalid("kind", texts::UNKNOWN_KIND.with([&all.join(", ")])))
        };
        let kinds = named(kind.as_deref(), kinds).map_err(|_| unknown())?;
        Ok(ids.map_or(Again::All(state, kinds), Again::Named))
    }
}
