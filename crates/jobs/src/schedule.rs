//! Schedules: what is due again and again, by the clock on a wall somewhere.
//!
//! Clocks on walls jump. A schedule of fixed times keeps to its times: one that a jump leaves out is due where the clock
//! lands, one that comes twice is due the first time. A schedule that repeats (`*` or a step in its minutes or hours) goes
//! by what passes: it is due whenever the wall shows one of its times, also when it shows it again.

mod cron;
mod field;
mod missed;

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp as Moment};
use types::{Phrase, Text, Timestamp};

pub use cron::Cron;
pub use missed::{Due, Missed};

const UNKNOWN_ZONE: Text = Text {
    code: "unknown_timezone",
    en: "there is no such time zone; write one like Europe/Kyiv",
    uk: "такого часового поясу немає; напишіть, наприклад, Europe/Kyiv",
    ru: "такого часового пояса нет; напишите, например, Europe/Kyiv",
};

/// Whose wall it is: a zone that the IANA knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// Times of day and days, in a zone. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    cron: Cron,
    zone: Zone,
}

/// A time in which the clock does not jump, and the jump before it.
struct Stretch {
    /// When it begins, and where the clock stood before; nothing if it always was like this.
    jump: Option<(Moment, Offset)>,
    offset: Offset,
    end: Option<Moment>,
}

impl Zone {
    /// The zone of that name: `Europe/Kyiv`, `UTC`.
    pub fn named(name: &str) -> Result<Self, Phrase> {
        let known = TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some());
        known.map(Self).ok_or_else(|| UNKNOWN_ZONE.into())
    }

    /// Its name, as the list of zones writes it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Schedule {
    /// These times, there.
    pub const fn new(cron: Cron, zone: Zone) -> Self {
        Self { cron, zone }
    }

    /// When it is due next, later than that; nothing beyond the years that a calendar has.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let mut at = Moment::from_second(after.seconds() + 1).ok()?;
        loop {
            let stretch = Stretch::around(&self.zone.0, at);
            if self.is_made_up(&stretch, at) {
                return Some(moment(at));
            }
            let from = if self.cron.repeats() { at } else { stretch.past_repetition(at) };
            let wall = self.cron.next_from(stretch.offset.to_datetime(from))?;
            let due = stretch.offset.to_timestamp(wall).ok()?;
            match stretch.end {
                Some(end) if due >= end => at = end,
                _ => return Some(moment(due)),
            }
        }
    }

    /// Whether the clock has just jumped over a time that is due now instead. What repeats may be due anyway within as
    /// much time as was left out, and then nothing has to be made up for.
    fn is_made_up(&self, stretch: &Stretch, at: Moment) -> bool {
        let Some((left_out, landing)) = stretch.gap(at) else { return false };
        let next = |from| self.cron.next_from(from);
        let is_missed = next(left_out).is_some_and(|missed| missed < landing);
        let soon = landing.saturating_add(landing.duration_since(left_out));
        is_missed && !(self.cron.repeats() && next(landing).is_some_and(|due| due < soon))
    }
}

impl Stretch {
    fn around(zone: &TimeZone, at: Moment) -> Self {
        let second = SignedDuration::from_secs(1);
        let start =
            zone.preceding(at.saturating_add(second).unwrap_or(at)).next().map(|jump| jump.timestamp());
        let before = |start: Moment| zone.to_offset(start.saturating_sub(second).unwrap_or(start));
        Self {
            jump: start.map(|start| (start, before(start))),
            offset: zone.to_offset(at),
            end: zone.following(at).next().map(|jump| jump.timestamp()),
        }
    }

    /// From where to where the clock has jumped forward at that very moment.
    fn gap(&self, at: Moment) -> Option<(DateTime, DateTime)> {
        let (_, before) = self.jump.filter(|(start, before)| *start == at && *before < self.offset)?;
        Some((before.to_datetime(at), self.offset.to_datetime(at)))
    }

    /// The moment itself, or when the clock, which was put back, has shown everything twice.
    fn past_repetition(&self, at: Moment) -> Moment {
        let Some((start, before)) = self.jump else { return at };
        let back = before.seconds() - self.offset.seconds();
        let over = start.saturating_add(SignedDuration::from_secs(back.into())).unwrap_or(at);
        at.max(over)
    }
}

fn moment(at: Moment) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}

#[cfg(test)]
mod tests;
