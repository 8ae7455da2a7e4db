//! Jobs as JSON, both ways.

mod asked;

use api::Failure;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use types::{JobId, Language, Timestamp};
use utoipa::ToSchema;

use super::explain::{Numbers, Reason};
use super::service::{Each, Glance, Put};
use super::timeline::{Moment, timeline};
use crate::{Attempt, job};

pub use asked::{Listing, NewJob, NewPlain, NewTries};

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

/// A job, what it is about, and what has become of it.
#[derive(Serialize, ToSchema)]
#[schema(as = JobInFull)]
pub struct Whole {
    #[serde(flatten)]
    job: Job,
    /// What it is about.
    #[schema(value_type = Object)]
    payload: Option<Box<RawValue>>,
    /// What came of it.
    #[schema(value_type = Option<Object>)]
    result: Option<Box<RawValue>>,
    /// What happened so far, in order; what is to come last.
    timeline: Vec<JobMoment>,
}

impl Whole {
    /// This job, with its attempts that came to nothing.
    pub fn of(mut job: job::Job, attempts: Vec<Attempt>) -> Self {
        let timeline = timeline(&job, attempts).into_iter().map(Into::into).collect();
        let (payload, result) = (std::mem::take(&mut job.draft.payload), job.result.take());
        Self { job: job.into(), payload: raw(payload), result: result.and_then(raw), timeline }
    }
}

/// Something that happened to a job.
#[derive(Serialize, ToSchema)]
struct JobMoment {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `created`, `due` or `started`; how an attempt ended: `failed`, `timed_out`, `lost`, `cancelled`; or how the job
    /// did: `done`, `dead`, `cancelled`.
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<Moment> for JobMoment {
    fn from(Moment { at, what, attempt, error }: Moment) -> Self {
        Self { at, what, attempt, error }
    }
}

/// What came of asking: of one job, or of each of many.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = JobOrJobs)]
pub enum Answer {
    /// Of one.
    One(Box<Job>),
    /// Of many.
    Many(Results),
}

/// What came of each, in the order of the request.
#[derive(Serialize, ToSchema)]
#[schema(as = JobResults)]
pub struct Results {
    items: Vec<Outcome>,
}

/// What came of one.
#[derive(Serialize, ToSchema)]
#[schema(as = JobResult)]
struct Outcome {
    /// As the status of an answer to it alone.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<Job>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<api::Problem>)]
    problem: Option<Value>,
}

impl Results {
    /// These, for whoever reads this language.
    pub fn of(each: Each, language: Language) -> Self {
        let outcome = |made: types::Result<Option<Put>>| match made
            .map_err(Failure::from)
            .and_then(|made| made.ok_or_else(api::idempotency::gone))
        {
            Ok(put) => Outcome { status: put.status(), job: Some(put.job().into()), problem: None },
            Err(failure) => {
                let status = failure.status().as_u16();
                Outcome { status, job: None, problem: failure.part(language) }
            }
        };
        Self { items: each.into_iter().map(outcome).collect() }
    }
}

impl Put {
    /// 202 for a job that was put in the queue, 200 for the open one that has its key.
    pub const fn status(&self) -> u16 {
        match self {
            Self::New(_) => 202,
            Self::Open(_) => 200,
        }
    }

    /// The job.
    pub fn job(self) -> job::Job {
        let (Self::New(job) | Self::Open(job)) = self;
        job
    }
}

/// Why a job stands where it does.
#[derive(Serialize, ToSchema)]
#[schema(as = JobExplained)]
pub struct Explained {
    state: &'static str,
    reasons: Vec<JobReason>,
}

/// One of the reasons.
#[derive(Serialize, ToSchema)]
struct JobReason {
    /// For programs.
    code: &'static str,
    /// For people.
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Which process.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<i64>,
}

impl Explained {
    /// These reasons, for whoever reads this language.
    pub fn of(job: &job::Job, reasons: Vec<Reason>, language: Language) -> Self {
        let reason = |Reason { message, numbers }: Reason| {
            let Numbers { since, until, by, count, of } = numbers;
            let code = message.text.code;
            JobReason { code, message: message.get(language), since, until, by, count, of }
        };
        Self { state: job.state.name(), reasons: reasons.into_iter().map(reason).collect() }
    }
}

/// How many jobs are tried again.
#[derive(Serialize, ToSchema)]
#[schema(as = JobsTriedAgain)]
pub struct Tries {
    /// So many. One whose key another open one has by now stays as it is.
    pub retried: usize,
    /// Whether there are more: ask again.
    pub more: bool,
}

/// How your jobs are doing.
#[derive(Serialize, ToSchema)]
#[schema(as = JobsAtAGlance)]
pub struct AtAGlance {
    /// How many are at work; a hundred are a hundred or more, here and below.
    running: i64,
    /// How many wait for a worker.
    queued: i64,
    /// How many are not due yet.
    scheduled: i64,
    /// How many failed for good.
    dead: i64,
    /// The newest, five at the most.
    newest: Vec<Job>,
}

impl From<Glance> for AtAGlance {
    fn from(glance: Glance) -> Self {
        let Glance { running, queued, scheduled, dead, newest } = glance;
        Self { running, queued, scheduled, dead, newest: newest.into_iter().map(Into::into).collect() }
    }
}
