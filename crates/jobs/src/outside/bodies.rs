//! What workers outside say and hear, as JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use types::check::{Checks, TOO_LONG, text};
use types::{FieldError, JobId, Result, Text, Timestamp};
use utoipa::ToSchema;

use super::service::{Failing, Taken, Wanted};
use super::ticket::Ticket;
use crate::door::External;
use crate::door::texts::BAD_QUEUE;
use crate::job::{self, State};

/// Queues that are asked for at once.
const MOST_QUEUES: usize = 20;
/// Jobs that are taken at once.
const MOST_JOBS: usize = 100;
/// How long a worker may be silent, in seconds.
const LEASE: (u64, u64) = (5, 3_600);
const USUAL_LEASE: u64 = 60;
/// How long a worker may wait for a job, in seconds.
const LONGEST_WAIT: u64 = 30;
/// How long a job may be left alone, in seconds.
const LONGEST_REST: u64 = 7 * 24 * 3_600;
/// Bytes of a result.
const RESULT: usize = 64 << 10;
/// Bytes of a progress.
const PROGRESS: usize = 4 << 10;
/// Characters of an error.
const ERROR: usize = 4_000;

const OUT_OF_RANGE: Text = Text {
    code: "out_of_range",
    en: "this is {} to {}",
    uk: "тут може бути від {} до {}",
    ru: "здесь может быть от {} до {}",
};

/// Which jobs a worker wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Your queues, at most 20; those that stand first go first. `default` when not given.
    #[serde(default = "usual_queues")]
    queues: Vec<String>,
    /// How many jobs at the most, 1 to 100; 1 when not given.
    #[serde(default = "one")]
    max: usize,
    /// How long they are yours without a heartbeat, in seconds: 5 to 3,600; 60 when not given.
    lease_seconds: Option<u64>,
    /// How long to wait while there are none, in seconds: 0 to 30; 0 when not given.
    #[serde(default)]
    wait_seconds: u64,
}

/// The jobs that were taken; none when there were none in time.
#[derive(Serialize, ToSchema)]
#[schema(as = ClaimedWork)]
pub struct Claimed {
    items: Vec<Work>,
}

/// A job, yours until `lease_until`.
#[derive(Serialize, ToSchema)]
pub struct Work {
    #[schema(value_type = u64)]
    id: JobId,
    /// Say it with everything you say about this job.
    claim: String,
    /// `external`.
    kind: String,
    /// The queue it was put in.
    queue: String,
    /// What it is about, as it was put.
    #[schema(value_type = serde_json::Value)]
    payload: Box<RawValue>,
    /// Which attempt this is, from 1,
    attempt: i64,
    /// of so many.
    attempts: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Be heard of before this moment, or it is somebody else's.
    #[schema(value_type = String, format = DateTime)]
    lease_until: Timestamp,
}

/// That a worker is still at it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// What came with the job.
    claim: String,
    /// For how long from now on, in seconds: 5 to 3,600; 60 when not given.
    lease_seconds: Option<u64>,
    /// How far it has come: any JSON of at most 4 KiB. What was said before stays when not given.
    #[schema(value_type = Option<serde_json::Value>)]
    progress: Option<Box<RawValue>>,
}

/// What there is to know about a job while it is worked on.
#[derive(Serialize, ToSchema)]
pub struct Beat {
    /// Until when it is yours.
    #[schema(value_type = String, format = DateTime)]
    pub lease_until: Timestamp,
    /// Whether it was called off: stop, and say `fail`.
    pub cancelled: bool,
}

/// That a job is done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// What came with the job.
    claim: String,
    /// What came of it: any JSON of at most 64 KiB.
    #[schema(value_type = Option<serde_json::Value>)]
    result: Option<Box<RawValue>>,
}

/// That a job failed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// What came with the job.
    claim: String,
    /// Why, in at most 4,000 characters.
    error: String,
    /// Whether it may do better another time; it may when not given.
    retry: Option<bool>,
    /// Not before so many seconds; the house decides when not given.
    #[serde(default)]
    retry_after: u64,
}

/// Where the job stands now.
#[derive(Serialize, ToSchema)]
pub struct Standing {
    #[schema(value_type = u64)]
    id: JobId,
    /// `done`, `dead`, `cancelled`, or `scheduled` when it will be tried again.
    state: &'static str,
    /// When it will be tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Timestamp>,
}

fn usual_queues() -> Vec<String> {
    vec![External::USUAL_QUEUE.to_owned()]
}

const fn one() -> usize {
    1
}

fn in_range(field: &'static str, value: u64, (least, most): (u64, u64)) -> Result<u64, FieldError> {
    let is_in = (least..=most).contains(&value);
    if is_in { Ok(value) } else { Err(FieldError::new(field, OUT_OF_RANGE.with([&least, &most]))) }
}

fn lease(seconds: Option<u64>) -> Result<Duration, FieldError> {
    in_range("lease_seconds", seconds.unwrap_or(USUAL_LEASE), LEASE).map(Duration::from_secs)
}

fn small(field: &'static str, json: Option<&RawValue>, most: usize) -> Result<Option<String>, FieldError> {
    let json = json.map(RawValue::get);
    let fits = json.is_none_or(|json| json.len() <= most);
    if fits { Ok(json.map(str::to_owned)) } else { Err(FieldError::new(field, TOO_LONG.with([&most]))) }
}

impl Claim {
    /// What is asked of the service, and how long the worker waits.
    pub fn checked(self) -> Result<(Wanted, Duration)> {
        let mut checks = Checks::default();
        let many = u64::try_from(self.queues.len()).unwrap_or(u64::MAX);
        checks.take(in_range("queues", many, (1, MOST_QUEUES as u64)));
        if !self.queues.iter().all(|name| External::is_queue(name)) {
            checks.refuse("queues", BAD_QUEUE);
        }
        let most = u64::try_from(self.max).unwrap_or(u64::MAX);
        checks.take(in_range("max", most, (1, MOST_JOBS as u64)));
        let lease = checks.take(lease(self.lease_seconds)).unwrap_or_default();
        checks.take(in_range("wait_seconds", self.wait_seconds, (0, LONGEST_WAIT)));
        checks.done()?;
        Ok((Wanted { queues: self.queues, most: self.max, lease }, Duration::from_secs(self.wait_seconds)))
    }
}

impl Heartbeat {
    /// The ticket, the lease, and how far it has come.
    pub fn checked(self) -> Result<(Ticket, Duration, Option<String>)> {
        let mut checks = Checks::default();
        let ticket = checks.take(self.claim.parse::<Ticket>());
        let lease = checks.take(lease(self.lease_seconds)).unwrap_or_default();
        let progress = checks.take(small("progress", self.progress.as_deref(), PROGRESS)).flatten();
        checks.done()?;
        Ok((ticket.unwrap_or(Ticket::NONE), lease, progress))
    }
}

impl Complete {
    /// The ticket, and what came of it.
    pub fn checked(self) -> Result<(Ticket, String)> {
        let mut checks = Checks::default();
        let ticket = checks.take(self.claim.parse::<Ticket>());
        let result = checks.take(small("result", self.result.as_deref(), RESULT)).flatten();
        checks.done()?;
        Ok((ticket.unwrap_or(Ticket::NONE), result.unwrap_or_else(|| "null".to_owned())))
    }
}

impl Fail {
    /// The ticket, and why.
    pub fn checked(self) -> Result<(Ticket, Failing)> {
        let mut checks = Checks::default();
        let ticket = checks.take(self.claim.parse::<Ticket>());
        let error = checks.take(text("error", &self.error, ERROR)).unwrap_or_default();
        let after = checks.take(in_range("retry_after", self.retry_after, (0, LONGEST_REST)));
        checks.done()?;
        let after = Duration::from_secs(after.unwrap_or_default());
        let failing = Failing { error, may_pass: self.retry.unwrap_or(true), after };
        Ok((ticket.unwrap_or(Ticket::NONE), failing))
    }
}

impl From<Vec<Taken>> for Claimed {
    fn from(taken: Vec<Taken>) -> Self {
        Self { items: taken.into_iter().map(Into::into).collect() }
    }
}

impl From<Taken> for Work {
    fn from(Taken { job, queue, ticket, until }: Taken) -> Self {
        Self {
            id: job.id,
            claim: ticket.to_string(),
            kind: job.kind,
            queue,
            payload: RawValue::from_string(job.payload).unwrap_or_default(),
            attempt: job.attempt,
            attempts: job.attempts,
            created_at: job.created_at,
            lease_until: until,
        }
    }
}

impl From<job::Job> for Standing {
    fn from(job: job::Job) -> Self {
        let run_at = (job.state == State::Scheduled).then_some(job.run_at);
        Self { id: job.id, state: job.state.name(), run_at }
    }
}
