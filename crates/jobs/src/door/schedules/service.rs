//! What people can do with schedules of their own.

use std::time::Duration;

use types::check::{Checks, line};
use types::{Caller, Error, FieldError, Result, ScheduleId, Timestamp, UserId};

use crate::door::kinds::Kinds;
use crate::door::texts;
use crate::door::wanted::Wanted;
use crate::schedule::{Cron, Missed, Schedule, Zone};
use crate::timetable::Timed;
use crate::{Draft, Queue};

/// Schedules of one person.
const MOST: usize = 100;
/// Characters of a name.
const NAME: usize = 200;
/// Nothing is done more often.
const OFTEN: Duration = Duration::from_mins(1);
/// How often a change is tried again when the clock struck between reading and writing.
const TRIES: usize = 5;

/// What a schedule is to be like; what is not named stays, or is as usual.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// What it is called.
    pub name: Option<String>,
    /// The times, as cron writes them.
    pub cron: Option<String>,
    /// Where the clock hangs.
    pub zone: Option<String>,
    /// What becomes of times that went by.
    pub missed: Option<String>,
    /// Whether it rests.
    pub paused: Option<bool>,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Schedules {
    queue: Queue,
    kinds: Kinds,
}

impl Schedules {
    /// Of this queue, for these kinds.
    pub const fn new(queue: Queue, kinds: Kinds) -> Self {
        Self { queue, kinds }
    }

    /// Has a job put in the queue again and again.
    pub async fn create(&self, caller: &Caller, times: Times, wanted: Wanted) -> Result<Timed> {
        let now = self.queue.clock.now();
        let draft = wanted.checked(&self.kinds, caller.user, now)?;
        if self.all(caller).await?.len() >= MOST {
            return Err(Error::Conflict(texts::TOO_MANY_SCHEDULES));
        }
        let made = changed(self.blank(caller.user, draft, now)?, times, now)?;
        self.queue.store.add_timed(&made).await?;
        Ok(made)
    }

    /// One of the caller's.
    pub async fn find(&self, caller: &Caller, id: ScheduleId) -> Result<Timed> {
        let found = self.queue.store.timed_of(caller.user, Some(id)).await?.pop();
        found.ok_or(Error::NotFound(texts::NO_SCHEDULE))
    }

    /// All of the caller's, oldest first.
    pub async fn all(&self, caller: &Caller) -> Result<Vec<Timed>> {
        Ok(self.queue.store.timed_of(caller.user, None).await?)
    }

    /// Makes one different. Times that went by while it rested are let go.
    pub async fn change(&self, caller: &Caller, id: ScheduleId, times: Times) -> Result<Timed> {
        for _ in 0..TRIES {
            let before = self.find(caller, id).await?;
            let after = changed(before.clone(), times.clone(), self.queue.clock.now())?;
            if self.queue.store.replace_timed(&before, &after).await? {
                return Ok(Timed { version: before.version + 1, ..after });
            }
        }
        Err(Error::Stale)
    }

    /// Ends one. Jobs that it has put in stay.
    pub async fn delete(&self, caller: &Caller, id: ScheduleId) -> Result<()> {
        let deleted = self.queue.store.remove_timed(caller.user, id).await?;
        if deleted { Ok(()) } else { Err(Error::NotFound(texts::NO_SCHEDULE)) }
    }

    fn blank(&self, owner: UserId, draft: Draft, now: Timestamp) -> Result<Timed> {
        let id: ScheduleId = self.queue.ids.next()?;
        Ok(Timed {
            id: id.number(),
            slug: format!("{owner}/{id}"),
            owner: Some(owner),
            name: String::new(),
            draft: Draft { run_at: None, key: None, ..draft },
            cron: String::new(),
            zone: "UTC".to_owned(),
            missed: Missed::default(),
            last_at: now,
            next_at: Some(now),
            version: 1,
            created_at: now,
        })
    }
}

/// The schedule as it will be, or all that is wrong with it.
fn changed(before: Timed, times: Times, now: Timestamp) -> Result<Timed> {
    let mut checks = Checks::default();
    let is_same = [&times.cron, &times.zone, &times.missed].iter().all(|named| named.is_none());
    let name = checks.take(line("name", &times.name.unwrap_or(before.name), NAME));
    let cron = times.cron.unwrap_or(before.cron);
    let read = checks.take(Cron::parse(&cron).map_err(|why| FieldError::new("cron", why)));
    let zone = times.zone.unwrap_or(before.zone);
    let place = checks.take(Zone::named(&zone).map_err(|why| FieldError::new("zone", why)));
    let missed = times.missed.map_or(Ok(before.missed), |name| {
        Missed::named(&name).ok_or_else(|| FieldError::new("missed", texts::BAD_MISSED))
    });
    let missed = checks.take(missed);
    let schedule = read.zip(place).map(|(cron, zone)| Schedule::new(cron, zone));
    let next = schedule.and_then(|schedule| checks.take(first(&schedule, now)));
    checks.done()?;
    let rests = times.paused.unwrap_or(before.next_at.is_none());
    // One that goes on as it did sees to what is due just now as well.
    let goes_on = is_same && !rests && before.next_at.is_some();
    Ok(Timed {
        name: name.unwrap_or_default(),
        cron,
        zone,
        missed: missed.unwrap_or_default(),
        last_at: if goes_on { before.last_at } else { now.max(before.last_at) },
        next_at: if goes_on { before.next_at } else { next.flatten().filter(|_| !rests) },
        ..before
    })
}

/// When it is due first, if not too often.
fn first(schedule: &Schedule, now: Timestamp) -> Result<Option<Timestamp>, FieldError> {
    let first = schedule.next_after(now);
    let second = first.and_then(|first| schedule.next_after(first));
    match (first, second) {
        (Some(first), Some(second)) if second.since(first) < OFTEN => {
            Err(FieldError::new("cron", texts::TOO_OFTEN))
        }
        _ => Ok(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(cron: &str) -> Schedule {
        Schedule::new(Cron::parse(cron).unwrap(), Zone::named("UTC").unwrap())
    }

    #[test]
    fn nothing_is_done_more_often_than_each_minute() {
        let now = Timestamp::from_millis(1_795_253_400_000);
        assert_eq!(first(&every("* * * * *"), now).unwrap(), Some(now.plus(OFTEN)));
        let refused = first(&every("*/30 * * * * *"), now).unwrap_err();
        assert_eq!((&*refused.field, refused.message.text.code), ("cron", "too_often"));
    }
}
