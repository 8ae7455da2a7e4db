//! The queue: work that is done later, once, on any engine.
//!
//! A service puts a [`Draft`] along with the write it follows from ([`Queue::put`]); a [`Handler`] does it somewhere else, and
//! its effect and that it is done are one commit ([`Running::acknowledge`]). `worker` is the process that does jobs: it signs
//! in with a lease, takes jobs from lanes, and whatever it held when it died others take over. `door` is where people put
//! jobs of their own, and see what becomes of them: `errands` are those that the house does, `outside` those that their own
//! programs take. `job` has what a job is, `store` the SQL, `schedule` when what comes again is due, `webhook` how others
//! are told, `leavers` what follows from accounts that are gone.

mod backoff;
mod chore;
pub mod door;
pub mod errands;
mod job;
mod kept;
mod kind;
mod leavers;
mod numbers;
pub mod outside;
mod queue;
mod road;
mod running;
pub mod schedule;
mod store;
mod timetable;
pub mod webhook;
mod worker;

use stream::Hears;
use types::facts::accounts::UserDeleted;

pub use backoff::Backoff;
pub use chore::Chore;
pub use job::{Attempt, Draft, Job, Priority, State};
pub use kept::Kept;
pub use kind::{Handler, Kind, Outcome};
pub use queue::{Putting, Queue};
pub use running::Running;
pub use store::Filter;
pub use timetable::{Every, Timed};

/// The tables of this crate.
pub const MIGRATIONS: &[db::Migration] = &[
    db::migration!("jobs", 1, "0001_jobs"),
    db::migration!("jobs", 2, "0002_job_schedules"),
    db::migration!("jobs", 3, "0003_job_results"),
    db::migration!("jobs", 4, "0004_webhook_secrets"),
    db::migration!("jobs", 5, "0005_job_walks"),
    db::migration!("jobs", 6, "0006_job_asks"),
];

/// What it hears of other domains.
pub const HEARS: &[Hears] = &[Hears::of::<UserDeleted>()];
