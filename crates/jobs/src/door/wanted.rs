//! What a person asks to have done, and whether that can be.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use types::check::{Checks, REQUIRED, line};
use types::{FieldError, Result, Timestamp, UserId};

use super::kinds::{External, Kinds, UserKind};
use super::texts;
use crate::{Draft, Priority};

/// Bytes of a payload.
const LARGEST: usize = 64 << 10;
/// Characters of a key.
const LONGEST_KEY: usize = 200;
/// How often anything may be tried.
const MOST_ATTEMPTS: u32 = 25;
/// How far ahead a job may be.
const FURTHEST: Duration = Duration::from_hours(366 * 24);

/// A job, as somebody asks for it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// What is to be done.
    pub kind: Option<String>,
    /// About what, as it was written.
    pub payload: Option<Box<RawValue>>,
    /// When.
    pub run_at: Option<Timestamp>,
    /// In how many seconds.
    pub delay: Option<i64>,
    /// How urgently.
    pub priority: Option<String>,
    /// What it is called while it is open.
    pub key: Option<String>,
    /// How often it is tried.
    pub attempts: Option<i64>,
    /// Which workers it is for.
    pub queue: Option<String>,
}

impl Wanted {
    /// The job that it will be, or all that is wrong with it.
    pub fn checked(self, kinds: &Kinds, owner: UserId, now: Timestamp) -> Result<Draft> {
        let mut checks = Checks::default();
        let kind = checks.take(kind(kinds, self.kind.as_deref()));
        let payload = checks.take(payload(self.payload.as_deref()));
        if let (Some(kind), Some((_, payload))) = (kind, &payload) {
            kind.check(payload).into_iter().for_each(|wrong| checks.refuse(wrong.field, wrong.message));
        }
        let run_at = checks.take(due(self.run_at, self.delay, now));
        let priority = checks.take(priority(self.priority.as_deref()));
        let key = checks.take(self.key.map(|key| line("key", &key, LONGEST_KEY)).transpose());
        let attempts = checks.take(attempts(self.attempts));
        let queue = kind.and_then(|kind| checks.take(queue(kind, self.queue)));
        checks.done()?;
        Ok(Draft {
            owner: Some(owner),
            kind: kind.map_or_else(String::new, |kind| kind.name().to_owned()),
            queue: queue.flatten(),
            payload: payload.map_or_else(String::new, |(text, _)| text),
            priority: priority.unwrap_or_default(),
            run_at: run_at.flatten(),
            key: key.flatten(),
            attempts: attempts.flatten().or(kind.map(UserKind::attempts)).unwrap_or(1),
        })
    }
}

fn kind<'k>(kinds: &'k Kinds, name: Option<&str>) -> Result<&'k dyn UserKind, FieldError> {
    let name = name.ok_or_else(|| FieldError::new("kind", REQUIRED))?;
    kinds.named(name).ok_or_else(|| {
        let all: Vec<_> = kinds.names().collect();
        FieldError::new("kind", texts::UNKNOWN_KIND.with([&all.join(", ")]))
    })
}

/// The payload as it was written, and what that says.
fn payload(raw: Option<&RawValue>) -> Result<(String, Value), FieldError> {
    let text = raw.map_or("{}", RawValue::get);
    if text.len() > LARGEST {
        return Err(FieldError::new("payload", texts::TOO_LARGE.with([&LARGEST])));
    }
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok((text.to_owned(), value)),
        // Numbers that no number is, or halves of characters, are no object that a handler could read.
        _ => Err(FieldError::new("payload", texts::NOT_AN_OBJECT)),
    }
}

fn due(
    run_at: Option<Timestamp>,
    delay: Option<i64>,
    now: Timestamp,
) -> Result<Option<Timestamp>, FieldError> {
    match (run_at, delay) {
        (Some(_), Some(_)) => Err(FieldError::new("delay", texts::BOTH_TIMES)),
        (Some(run_at), None) if run_at.since(now) > FURTHEST => {
            Err(FieldError::new("run_at", texts::TOO_FAR))
        }
        (None, Some(delay)) => {
            let delay = u64::try_from(delay).ok().map(Duration::from_secs).filter(|delay| *delay <= FURTHEST);
            let delay = delay.ok_or_else(|| FieldError::new("delay", texts::BAD_DELAY))?;
            Ok((!delay.is_zero()).then(|| now.plus(delay)))
        }
        // What should have been done before is done at once.
        (run_at, None) => Ok(run_at.filter(|run_at| *run_at > now)),
    }
}

fn priority(name: Option<&str>) -> Result<Priority, FieldError> {
    let Some(name) = name else { return Ok(Priority::default()) };
    Priority::named(name).ok_or_else(|| FieldError::new("priority", texts::BAD_PRIORITY))
}

fn attempts(asked: Option<i64>) -> Result<Option<u32>, FieldError> {
    let Some(asked) = asked else { return Ok(None) };
    let asked = u32::try_from(asked).ok().filter(|asked| (1..=MOST_ATTEMPTS).contains(asked));
    asked.map(Some).ok_or_else(|| FieldError::new("attempts", texts::BAD_ATTEMPTS.with([&MOST_ATTEMPTS])))
}

fn queue(kind: &dyn UserKind, name: Option<String>) -> Result<Option<String>, FieldError> {
    match (kind.has_queues(), name) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(FieldError::new("queue", texts::NO_QUEUES)),
        (true, None) => Ok(Some(External::USUAL_QUEUE.to_owned())),
        (true, Some(name)) if External::is_queue(&name) => Ok(Some(name)),
        (true, Some(_)) => Err(FieldError::new("queue", texts::BAD_QUEUE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    fn code(wrong: &FieldError) -> (&str, &str) {
        (&wrong.field, wrong.message.text.code)
    }

    #[test]
    fn what_should_have_been_done_is_done_at_once() {
        let year = FURTHEST.as_secs();
        for (run_at, delay, wanted) in [
            (None, None, None),
            (Some(NOW), None, None),
            (Some(Timestamp::from_millis(-1)), None, None),
            (Some(after(1)), None, Some(after(1))),
            (Some(after(year)), None, Some(after(year))),
            (None, Some(0), None),
            (None, Some(60), Some(after(60))),
        ] {
            assert_eq!(due(run_at, delay, NOW), Ok(wanted), "{run_at:?} {delay:?}");
        }
        for (run_at, delay, wrong) in [
            (Some(after(year + 1)), None, ("run_at", "too_far")),
            (Some(NOW), Some(0), ("delay", "both_times")),
            (None, Some(-1), ("delay", "bad_delay")),
            (None, Some(i64::MAX), ("delay", "bad_delay")),
        ] {
            assert_eq!(code(&due(run_at, delay, NOW).unwrap_err()), wrong);
        }
    }

    #[test]
    fn a_payload_is_kept_as_it_was_written() {
        let raw = |text: &str| RawValue::from_string(text.into()).unwrap();
        let text = r#"{"b": 1.50,  "a": "\u0000"}"#;
        assert_eq!(payload(Some(&raw(text))).unwrap().0, text);
        assert_eq!(payload(None).unwrap().0, "{}");
        let largest = format!(r#"{{"a": "{}"}}"#, "x".repeat(LARGEST - 9));
        assert_eq!(payload(Some(&raw(&largest))).map(|(text, _)| text.len()), Ok(LARGEST));
        let larger = largest.replacen('x', "xx", 1);
        assert_eq!(code(&payload(Some(&raw(&larger))).unwrap_err()), ("payload", "payload_too_large"));
        for wrong in ["[]", "1", "null", r#"{"a": "\ud800"}"#, r#"{"a": 1e999}"#] {
            assert_eq!(code(&payload(Some(&raw(wrong))).unwrap_err()), ("payload", "not_an_object"));
        }
    }
}
