//! Why a job stands where it does.

use std::time::Duration;

use types::{Phrase, Text, Timestamp};

use super::texts;
use crate::outside::KNOWN_DAYS;
use crate::store::{Around, COUNTED, Worker};
use crate::{Job, State};

/// Who asked for jobs within this time asks for more soon.
const LATELY: Duration = Duration::from_mins(2);

/// One of the reasons, and the numbers in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What to tell a person; its code is for programs.
    pub message: Phrase,
    /// The numbers.
    pub numbers: Numbers,
}

/// What a reason is about, as far as it is about that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Since when.
    pub since: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// By whom.
    pub by: Option<String>,
    /// How many.
    pub count: Option<i64>,
    /// Of how many.
    pub of: Option<i64>,
}

impl Numbers {
    const fn count(count: i64) -> Self {
        Self { count: Some(count), of: None, since: None, until: None, by: None }
    }

    const fn count_of(count: i64, of: i64) -> Self {
        Self { count: Some(count), of: Some(of), since: None, until: None, by: None }
    }

    const fn until(until: Timestamp) -> Self {
        Self { until: Some(until), count: None, of: None, since: None, by: None }
    }
}

/// Why a job stands where it does: what is in its way, or what has become of it.
pub fn reasons(job: &Job, around: &Around, is_outside: bool, now: Timestamp) -> Vec<Reason> {
    let one = |message: Phrase, numbers| vec![Reason { message, numbers }];
    match job.state {
        State::Queued => waiting(job, around, is_outside, now),
        State::Scheduled if job.attempt == 0 => {
            one(texts::NOT_DUE.with([&job.run_at]), Numbers::until(job.run_at))
        }
        State::Scheduled => one(
            texts::RESTS.with([&job.attempt, &job.run_at]),
            Numbers { until: Some(job.run_at), ..Numbers::count_of(job.attempt, job.draft.attempts.into()) },
        ),
        State::Running => vec![at_work(job, around)],
        State::Done => one(texts::DONE.into(), Numbers { since: job.finished_at, ..Numbers::default() }),
        State::Dead => one(
            texts::DEAD.with([&job.attempt]),
            Numbers { since: job.finished_at, ..Numbers::count(job.attempt) },
        ),
        State::Cancelled => {
            one(texts::CALLED_OFF.into(), Numbers { since: job.finished_at, ..Numbers::default() })
        }
    }
}

fn at_work(job: &Job, around: &Around) -> Reason {
    let (name, until) =
        around.holder.as_ref().map_or((None, None), |holder| (holder.name.clone(), holder.until));
    let since = job.started_at.unwrap_or(job.created_at);
    let numbers = Numbers { since: Some(since), until, by: name.clone(), ..Numbers::default() };
    let message = match (job.is_cancelling, name) {
        (true, _) => texts::LETTING_GO.into(),
        (false, Some(name)) => texts::AT_WORK.with([&since, &name]),
        (false, None) => texts::AT_WORK_OUTSIDE.with([&since]),
    };
    Reason { message, numbers }
}

/// What is in the way of a job that is due.
fn waiting(job: &Job, around: &Around, is_outside: bool, now: Timestamp) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = if is_outside {
        let queue = job.draft.queue.as_deref().unwrap_or_default();
        let wanted = texts::FOR_YOUR_WORKERS.with([&queue]);
        let wanted = Reason { message: wanted, numbers: Numbers::default() };
        [wanted].into_iter().chain(nobody_asks(around, now)).collect()
    } else {
        in_house(job, around).into_iter().collect()
    };
    if let Some((most, held)) = around.limit.filter(|(most, held)| held >= most) {
        let message = texts::LIMIT.with([&held, &most]);
        reasons.push(Reason { message, numbers: Numbers::count_of(held, most) });
    }
    if around.before > 0 {
        let text: Text = if around.before >= COUNTED { texts::BEHIND_AT_LEAST } else { texts::BEHIND };
        let message = text.with([&around.before]);
        reasons.push(Reason { message, numbers: Numbers::count(around.before) });
    }
    if reasons.is_empty() {
        reasons.push(Reason { message: texts::NEXT.into(), numbers: Numbers::default() });
    }
    reasons
}

/// Whether nobody outside asks for jobs of its queue, or they have enough to do.
fn nobody_asks(around: &Around, now: Timestamp) -> Option<Reason> {
    let silence = around.asked.map(|asked| now.since(asked));
    if silence.is_some_and(|silence| silence < LATELY) {
        return None;
    }
    let numbers = Numbers { since: around.asked, ..Numbers::default() };
    if around.lent > 0 {
        let message = texts::WORKERS_ARE_BUSY.with([&around.lent]);
        return Some(Reason { message, numbers: Numbers { count: Some(around.lent), ..numbers } });
    }
    let message = match silence.map(|silence| silence.as_secs() / 60) {
        Some(minutes @ ..120) => texts::NOBODY_ASKS_MINUTES.with([&minutes]),
        Some(minutes @ ..2_880) => texts::NOBODY_ASKS_HOURS.with([&(minutes / 60)]),
        Some(minutes) => texts::NOBODY_ASKS_DAYS.with([&(minutes / 1_440)]),
        None => texts::NOBODY_ASKED.with([&KNOWN_DAYS]),
    };
    Some(Reason { message, numbers })
}

/// Whether anybody of the house can take it.
fn in_house(job: &Job, around: &Around) -> Option<Reason> {
    let does = |worker: &&Worker| worker.lanes.split(' ').any(|lane| lane == job.draft.kind);
    let able: Vec<&Worker> = around.workers.iter().filter(does).collect();
    let (room, busy) =
        able.iter().fold((0, 0), |(room, busy), worker| (room + worker.room, busy + worker.busy));
    if able.is_empty() {
        Some(Reason { message: texts::NOBODY_DOES_IT.into(), numbers: Numbers::default() })
    } else if busy >= room {
        Some(Reason { message: texts::NO_ROOM.with([&busy, &room]), numbers: Numbers::count_of(busy, room) })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Holder;
    use crate::{Draft, job};

    const NOW: Timestamp = Timestamp::from_millis(3_600_000_000);

    fn job(state: State, attempt: i64) -> Job {
        let now = Timestamp::from_millis(1_000);
        let job = job::Job::new(types::JobId::trusted(7), Draft::new("webhook", "{}", 5), now);
        Job { state, attempt, run_at: now, finished_at: state.is_over().then_some(now), ..job }
    }

    fn codes(job: &Job, around: &Around, is_outside: bool) -> Vec<&'static str> {
        reasons(job, around, is_outside, NOW).iter().map(|reason| reason.message.text.code).collect()
    }

    fn working(lanes: &str, room: i64, busy: i64) -> Worker {
        Worker { lanes: lanes.into(), room, busy }
    }

    #[test]
    fn a_job_waits_for_all_that_is_in_its_way() {
        let due = job(State::Queued, 0);
        let around = |workers, limit, before| Around { workers, limit, before, ..Around::default() };
        let free = || vec![working("email webhook", 10, 9), working("report", 5, 0)];
        let full = || vec![working("webhook", 10, 10), working("email webhook", 2, 2)];
        for (around, wanted) in [
            (around(vec![], None, 0), vec!["nobody_does_it"]),
            (around(vec![working("webhooks", 9, 0)], None, 0), vec!["nobody_does_it"]),
            (around(free(), None, 0), vec!["next"]),
            (around(full(), None, 0), vec!["no_room"]),
            (around(free(), Some((3, 3)), 2), vec!["limit_reached", "behind_others"]),
            (around(free(), Some((3, 2)), 0), vec!["next"]),
            (around(full(), Some((3, 3)), COUNTED), vec!["no_room", "limit_reached", "behind_others"]),
        ] {
            assert_eq!(codes(&due, &around, false), wanted, "{around:?}");
        }
        let no_room = &reasons(&due, &around(full(), None, 0), false, NOW)[0];
        assert_eq!(no_room.numbers, Numbers::count_of(12, 12));
        let many = reasons(&due, &around(free(), None, COUNTED), false, NOW);
        assert!(many[0].message.get(types::Language::En).ends_with("1000 or more"));
    }

    #[test]
    fn whoever_waits_for_workers_outside_is_told_that_nobody_asks() {
        let due = job(State::Queued, 0);
        let asked = |minutes: u64, lent| {
            let asked = Some(NOW.minus(Duration::from_mins(minutes)));
            Around { asked, lent, ..Around::default() }
        };
        let told = |around: &Around| reasons(&due, around, true, NOW).pop().unwrap();
        for (minutes, lent, code) in [
            (1, 0, "for_your_workers"),
            (1, 3, "for_your_workers"),
            (2, 0, "nobody_asks"),
            (2, 3, "your_workers_are_busy"),
        ] {
            assert_eq!(told(&asked(minutes, lent)).message.text.code, code, "{minutes} {lent}");
        }
        for (minutes, wanted) in
            [(2, "2 minutes"), (119, "119 minutes"), (120, "2 hours"), (2_879, "47 hours"), (2_880, "2 days")]
        {
            let told = told(&asked(minutes, 0));
            assert!(told.message.get(types::Language::En).ends_with(&format!(" for {wanted}")), "{told:?}");
            assert_eq!(told.numbers.since, asked(minutes, 0).asked);
        }
        let never = told(&Around::default());
        assert_eq!((never.message.text.code, never.numbers), ("nobody_asks", Numbers::default()));
        let busy = told(&Around { lent: 2, ..Around::default() });
        assert_eq!((busy.message.text.code, busy.numbers.count), ("your_workers_are_busy", Some(2)));
    }

    #[test]
    fn each_state_has_its_reason() {
        let nothing = Around::default();
        for (state, attempt, code) in [
            (State::Scheduled, 0, "not_due"),
            (State::Scheduled, 2, "rests"),
            (State::Running, 1, "at_work"),
            (State::Done, 1, "done"),
            (State::Dead, 5, "dead"),
            (State::Cancelled, 0, "called_off"),
        ] {
            assert_eq!(codes(&job(state, attempt), &nothing, false), [code]);
        }
        let left = Job { is_cancelling: true, ..job(State::Running, 1) };
        assert_eq!(codes(&left, &nothing, false), ["letting_go"]);
        let holder = Some(Holder { name: Some("17-a".into()), until: None });
        let held = reasons(&job(State::Running, 1), &Around { holder, ..Around::default() }, false, NOW);
        assert_eq!(held[0].numbers.by.as_deref(), Some("17-a"));
    }
}
