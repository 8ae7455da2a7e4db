//! What has happened to a job so far, and what is to come.

use types::Timestamp;

use crate::{Attempt, Job, State};

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What: `created`, `due`, `started`, how an attempt ended, or how the job did.
    pub what: String,
    /// In which attempt.
    pub attempt: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Moment {
    fn new(at: Timestamp, what: &str) -> Self {
        Self { at, what: what.to_owned(), attempt: None, error: None }
    }

    fn of(self, attempt: i64) -> Self {
        Self { attempt: Some(attempt), ..self }
    }
}

/// All of it, in order.
pub fn timeline(job: &Job, attempts: Vec<Attempt>) -> Vec<Moment> {
    let mut moments = vec![Moment::new(job.created_at, "created")];
    // Of one that was tried nobody knows any more when it was due at first.
    if attempts.is_empty() && job.run_at > job.created_at || job.state == State::Scheduled {
        moments.push(Moment::new(job.run_at, "due"));
    }
    let told = attempts.iter().any(|attempt| attempt.attempt == job.attempt);
    for Attempt { attempt, started_at, ended_at, outcome, error } in attempts {
        moments.push(Moment::new(started_at, "started").of(attempt));
        moments.push(Moment { error, ..Moment::new(ended_at, &outcome).of(attempt) });
    }
    if let Some(started_at) = job.started_at.filter(|_| !told) {
        moments.push(Moment::new(started_at, "started").of(job.attempt));
    }
    let is_told = moments.last().is_some_and(|last| last.what == job.state.name());
    if let Some(finished_at) = job.finished_at.filter(|_| !is_told) {
        moments.push(Moment::new(finished_at, job.state.name()));
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}

#[cfg(test)]
mod tests {
    use types::JobId;

    use super::*;
    use crate::Draft;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn job(state: State, attempt: i64) -> Job {
        Job { state, attempt, ..Job::new(JobId::trusted(7), Draft::new("webhook", "{}", 5), at(1)) }
    }

    fn failed(attempt: i64, begin: i64, outcome: &str) -> Attempt {
        let (started_at, ended_at) = (at(begin), at(begin + 1));
        Attempt { attempt, started_at, ended_at, outcome: outcome.into(), error: Some("no".into()) }
    }

    fn told(job: &Job, attempts: Vec<Attempt>) -> Vec<String> {
        let words = timeline(job, attempts).into_iter().map(|moment| match moment.attempt {
            Some(attempt) => format!("{} {} {attempt}", moment.at.seconds(), moment.what),
            None => format!("{} {}", moment.at.seconds(), moment.what),
        });
        words.collect()
    }

    #[test]
    fn what_happened_is_told_once_and_in_order() {
        assert_eq!(told(&job(State::Queued, 0), vec![]), ["1 created"]);
        let later = Job { run_at: at(9), ..job(State::Scheduled, 0) };
        assert_eq!(told(&later, vec![]), ["1 created", "9 due"]);
        let running = Job { started_at: Some(at(5)), run_at: at(4), ..job(State::Running, 2) };
        let wanted = ["1 created", "2 started 1", "3 failed 1", "5 started 2"];
        assert_eq!(told(&running, vec![failed(1, 2, "failed")]), wanted);
        let done = Job { finished_at: Some(at(6)), state: State::Done, run_at: at(1), ..running };
        assert_eq!(told(&done, vec![]), ["1 created", "5 started 2", "6 done"]);
        let dead = Job { started_at: Some(at(2)), finished_at: Some(at(3)), ..job(State::Dead, 1) };
        let wanted = ["1 created", "2 started 1", "3 failed 1", "3 dead"];
        assert_eq!(told(&dead, vec![failed(1, 2, "failed")]), wanted);
        let off = Job { state: State::Cancelled, ..dead };
        assert_eq!(
            told(&off, vec![failed(1, 2, "cancelled")]),
            ["1 created", "2 started 1", "3 cancelled 1"]
        );
        let rests = Job { run_at: at(8), started_at: Some(at(2)), ..job(State::Scheduled, 1) };
        let wanted = ["1 created", "2 started 1", "3 timed_out 1", "8 due"];
        assert_eq!(told(&rests, vec![failed(1, 2, "timed_out")]), wanted);
    }
}
