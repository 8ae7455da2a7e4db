//! Schedules as JSON, both ways.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use types::{ScheduleId, Timestamp};
use utoipa::ToSchema;

use super::service::Times;
use crate::door::wanted::Wanted;
use crate::timetable::Timed;

/// A schedule to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// What it is called, at most 200 characters.
    name: Option<String>,
    /// When, as cron writes it: minute, hour, day, month, weekday; never more often than each minute.
    cron: Option<String>,
    /// In which zone, `Europe/Kyiv` for example; `UTC` when not given.
    zone: Option<String>,
    /// What becomes of times that went by while the house did not run: `skip` lets them go, with `once` the last stands for
    /// all, `all` makes up for each. `once` when not given.
    missed: Option<String>,
    /// What is to be done: `webhook`, `email`, `report` or `external`.
    kind: Option<String>,
    /// What it is about: an object of at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// `high` goes before all others, `normal` in its turn.
    priority: Option<String>,
    /// How often each job is tried, 1 to 25.
    attempts: Option<i64>,
    /// For `external`: which of your workers it is for.
    queue: Option<String>,
}

impl NewSchedule {
    /// Its times, and the job.
    pub fn parts(self) -> (Times, Wanted) {
        let Self { name, cron, zone, missed, kind, payload, priority, attempts, queue } = self;
        let times = Times {
            name: Some(name.unwrap_or_default()),
            cron: Some(cron.unwrap_or_default()),
            zone,
            missed,
            paused: None,
        };
        (times, Wanted { kind, payload, priority, attempts, queue, ..Wanted::default() })
    }
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePatch {
    /// Another name.
    name: Option<String>,
    /// Other times.
    cron: Option<String>,
    /// Another zone.
    zone: Option<String>,
    /// `skip`, `once` or `all`.
    missed: Option<String>,
    /// Whether it rests. Times that go by meanwhile are let go.
    paused: Option<bool>,
}

impl From<SchedulePatch> for Times {
    fn from(patch: SchedulePatch) -> Self {
        let SchedulePatch { name, cron, zone, missed, paused } = patch;
        Self { name, cron, zone, missed, paused }
    }
}

/// A schedule.
#[derive(Serialize, ToSchema)]
pub struct JobSchedule {
    #[schema(value_type = u64)]
    id: ScheduleId,
    name: String,
    cron: String,
    zone: String,
    /// `skip`, `once` or `all`.
    missed: &'static str,
    /// Whether it rests.
    paused: bool,
    kind: String,
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
    /// For `external`: which of your workers it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    /// `high` or `normal`.
    priority: &'static str,
    /// How often each job is tried.
    attempts: u32,
    /// When the next job is put in; null while it rests.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Timed> for JobSchedule {
    fn from(timed: Timed) -> Self {
        Self {
            id: ScheduleId::trusted(timed.id),
            name: timed.name,
            cron: timed.cron,
            zone: timed.zone,
            missed: timed.missed.name(),
            paused: timed.next_at.is_none(),
            kind: timed.draft.kind,
            payload: RawValue::from_string(timed.draft.payload).unwrap_or_default(),
            queue: timed.draft.queue,
            priority: timed.draft.priority.name(),
            attempts: timed.draft.attempts,
            next_at: timed.next_at,
            created_at: timed.created_at,
        }
    }
}

/// All of somebody's schedules.
#[derive(Serialize, ToSchema)]
pub struct AllSchedules {
    /// Oldest first.
    pub items: Vec<JobSchedule>,
}
