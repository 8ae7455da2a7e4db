//! Telling what becomes of a job as it does, as Server-Sent Events.

use std::time::Duration;

use api::events::UNBUFFERED;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use types::{Caller, JobId, Result};

use super::bodies;
use super::service::Jobs;
use super::watch::{Seat, Seen, Watching};
use crate::Job;

/// How long a client waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);
/// How often a silent stream says that it is there.
const BEAT: Duration = Duration::from_secs(15);

/// What becomes of one of the caller's jobs, from how it stands now until it is over.
pub async fn events(jobs: Jobs, watching: &Watching, caller: Caller, id: JobId) -> Result<Response> {
    // Watched before it is looked at: what comes in between is news.
    let seat = watching.watch(caller.user, id)?;
    let job = outside(jobs.find(&caller, id).await?);
    let live = Live { jobs, caller, seat, said: None };
    let events = stream::unfold(Some((live, Seen::So(Box::new(job)))), |going| async move {
        let (mut live, first) = going?;
        let mut seen = first;
        loop {
            match seen {
                Seen::Gone => return None,
                Seen::So(job) if live.said.as_ref() != Some(&*job) => return live.say(*job).await,
                Seen::So(_) | Seen::NotYet => seen = live.seat.next().await,
            }
        }
    });
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT).text(""));
    Ok(([UNBUFFERED], answer).into_response())
}

/// A stream on its way.
struct Live {
    jobs: Jobs,
    caller: Caller,
    seat: Seat,
    said: Option<Job>,
}

type Said = std::result::Result<Event, axum::Error>;

impl Live {
    /// What is said of a job as it was seen, and how it goes on.
    async fn say(mut self, job: Job) -> Option<(Said, Option<(Self, Seen)>)> {
        let event = Event::default().retry(RETRY);
        if !job.state.is_over() {
            self.said = Some(job.clone());
            let event = event.event("changed").json_data(bodies::Job::from(job));
            return Some((event, Some((self, Seen::NotYet))));
        }
        match self.jobs.told(&self.caller, self.seat.job()).await {
            Ok((job, attempts)) => {
                Some((event.event("over").json_data(bodies::Whole::of(job, attempts)), None))
            }
            Err(error) => {
                tracing::warn!(error = types::with_causes(&error), "the end of a job could not be told");
                None
            }
        }
    }
}

/// The same, as whoever watches sees it.
fn outside(mut job: Job) -> Job {
    job.draft.payload.clear();
    job.result = None;
    job
}
