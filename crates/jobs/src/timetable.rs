//! Jobs that are put in the queue by the clock.

use db::Along;
use types::{Error, Ids, Phrase, Result, ScheduleId, Timestamp, UserId};

use crate::Kind;
use crate::job::Draft;
use crate::queue::Queue;
use crate::schedule::{Cron, Missed, Schedule, Zone};

/// When a job of a handler's kind is put in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Every {
    /// The times, as cron writes them.
    pub cron: &'static str,
    /// Where the clock hangs.
    pub zone: &'static str,
    /// What becomes of times that went by while nobody looked.
    pub missed: Missed,
}

impl Every {
    /// By the clock of Greenwich; of times that went by, the last stands for all.
    pub const fn at(cron: &'static str) -> Self {
        Self { cron, zone: "UTC", missed: Missed::Once }
    }
}

/// A job that is put in by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// Which one.
    pub id: i64,
    /// What nothing else is called.
    pub slug: String,
    /// Whose.
    pub owner: Option<UserId>,
    /// What it is called.
    pub name: String,
    /// What is put in.
    pub draft: Draft,
    /// The times, as cron writes them.
    pub cron: String,
    /// Where the clock hangs.
    pub zone: String,
    /// What becomes of times that went by.
    pub missed: Missed,
    /// The last time that was seen to.
    pub last_at: Timestamp,
    /// When it is due next; never when it is paused or over.
    pub next_at: Option<Timestamp>,
    /// How often it was written.
    pub version: i64,
    /// Since when it is there.
    pub created_at: Timestamp,
}

impl Timed {
    /// One of the house's own.
    fn of(kind: Kind, every: Every, (ids, now): (&Ids, Timestamp)) -> Result<Self> {
        // One that still waits stands for those that come meanwhile.
        let draft = Draft { key: Some(kind.name.to_owned()), ..Draft::of(kind, "{}") };
        let mut timed = Self {
            id: ScheduleId::number(ids.next()?),
            slug: kind.name.to_owned(),
            owner: None,
            name: kind.name.to_owned(),
            draft,
            cron: every.cron.to_owned(),
            zone: every.zone.to_owned(),
            missed: every.missed,
            last_at: now,
            next_at: None,
            version: 1,
            created_at: now,
        };
        timed.next_at = timed.schedule().map_err(|why| Error::internal(why.text.en))?.next_after(now);
        Ok(timed)
    }

    /// Its times, there.
    pub fn schedule(&self) -> Result<Schedule, Phrase> {
        Ok(Schedule::new(Cron::parse(&self.cron)?, Zone::named(&self.zone)?))
    }
}

impl Queue {
    /// Writes down when jobs of this kind are put in by themselves.
    pub(crate) async fn keep_time(&self, kind: Kind, every: Every) -> Result<()> {
        let wanted = Timed::of(kind, every, (&self.ids, self.clock.now()))?;
        Ok(self.store.keep_time(&wanted).await?)
    }

    /// Puts in what is due by the clock; how many times were seen to.
    pub(crate) async fn strike(&self) -> Result<usize> {
        let now = self.clock.now();
        let mut seen_to = 0;
        for timed in self.store.due(now).await? {
            seen_to += self.strike_one(&timed, now).await?;
        }
        Ok(seen_to)
    }

    async fn strike_one(&self, timed: &Timed, now: Timestamp) -> Result<usize> {
        let Ok(schedule) = timed.schedule() else {
            tracing::error!(
                schedule = timed.slug,
                "its times cannot be read, and it is not looked at any more"
            );
            self.store.move_on(timed, (now, None), Along::none()).await?;
            return Ok(0);
        };
        let due = schedule.due(timed.missed, timed.last_at, now);
        if due.passed_over > 0 {
            tracing::warn!(
                schedule = timed.slug,
                times = due.passed_over,
                "times went by that nobody saw to"
            );
        }
        // One with a key stands for all.
        let most = if timed.draft.key.is_some() { 1 } else { due.now.len() };
        let seen = &due.now[due.now.len() - most.min(due.now.len())..];
        let drafts = seen.iter().map(|at| Draft { run_at: Some(*at), ..timed.draft.clone() }).collect();
        let along = Along::none().with(self.put(drafts)?);
        let last = seen.last().copied().unwrap_or(now);
        // False when another process was quicker.
        let moved = self.store.move_on(timed, (last.max(timed.last_at), due.next), along).await?;
        Ok(if moved { seen.len() } else { 0 })
    }

    /// When something is due by the clock.
    pub(crate) async fn next_strike(&self) -> Result<Option<Timestamp>> {
        Ok(self.store.next_strike().await?)
    }
}
