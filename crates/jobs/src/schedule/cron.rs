//! The times of a schedule, as cron writes them.

use jiff::civil::{Date, DateTime, Time, date, time};
use types::{Phrase, Text};

use super::field::{DAY, HOUR, LAST_DAY, MINUTE, MONTH, SECOND, Values, WEEKDAY};

/// Bytes of an expression.
const LONGEST: usize = 200;
/// Years in which the calendar shows every day on every weekday: a 29th of February, a Sunday, may be forty away.
const YEARS: i16 = 41;

const WRONG_SHAPE: Text = Text {
    code: "bad_schedule",
    en: "write five fields (minute, hour, day, month, weekday), six with seconds first, or @hourly, @daily, @weekly, @monthly, @yearly",
    uk: "напишіть п'ять полів (хвилина, година, день, місяць, день тижня), шість, якщо першими йдуть секунди, або @hourly, @daily, @weekly, @monthly, @yearly",
    ru: "напишите пять полей (минута, час, день, месяц, день недели), шесть, если первыми идут секунды, или @hourly, @daily, @weekly, @monthly, @yearly",
};
const NEVER: Text = Text {
    code: "schedule_never_due",
    en: "no such day ever comes; look at the day and the month",
    uk: "такого дня ніколи не буде; перевірте день і місяць",
    ru: "такого дня никогда не будет; проверьте день и месяц",
};

/// Times of day and days, on any wall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    seconds: Values,
    minutes: Values,
    hours: Values,
    days: Values,
    months: Values,
    weekdays: Values,
}

impl Cron {
    /// From `minute hour day month weekday`, with seconds before them if there are six, or a word like `@daily`. Fields
    /// take numbers, names (`mon`, `jan`), `*`, lists, ranges and steps, and the day `L` for the last of a month.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        if text.len() > LONGEST {
            return Err(WRONG_SHAPE.into());
        }
        let text = text.trim().to_ascii_lowercase();
        let fields: Vec<&str> = spelt_out(&text).split_ascii_whitespace().collect();
        let (second, rest) = match fields.len() {
            5 => ("0", &fields[..]),
            6 => (fields[0], &fields[1..]),
            _ => return Err(WRONG_SHAPE.into()),
        };
        let &[minute, hour, day, month, weekday] = rest else { return Err(WRONG_SHAPE.into()) };
        let cron = Self {
            seconds: SECOND.read(second)?,
            minutes: MINUTE.read(minute)?,
            hours: HOUR.read(hour)?,
            days: DAY.read(day)?,
            months: MONTH.read(month)?,
            weekdays: WEEKDAY.read(weekday)?,
        };
        // All that can come does so within these years, from wherever one looks.
        let comes = cron.next_from(date(2000, 1, 1).at(0, 0, 0, 0));
        if comes.is_some() { Ok(cron) } else { Err(NEVER.into()) }
    }

    /// Whether it goes by what passes rather than by fixed times.
    pub(super) const fn repeats(&self) -> bool {
        self.minutes.repeats || self.hours.repeats
    }

    /// The first time at or after that one.
    pub(super) fn next_from(&self, from: DateTime) -> Option<DateTime> {
        let (mut day, mut since) = (from.date(), from.time());
        let last_year = day.year().saturating_add(YEARS);
        while day.year() <= last_year {
            if !self.months.has(day.month()) {
                day = day.last_of_month().tomorrow().ok()?;
            } else if let Some(time) = self.has_day(day).then(|| self.time_from(since)).flatten() {
                return Some(day.to_datetime(time));
            } else {
                day = day.tomorrow().ok()?;
            }
            since = Time::midnight();
        }
        None
    }

    /// As in Vixie's cron: if both a day and a weekday are asked for, either will do.
    fn has_day(&self, day: Date) -> bool {
        let is_last = || self.days.bits & LAST_DAY != 0 && day.day() == day.days_in_month();
        let by_day = self.days.has(day.day()) || is_last();
        let by_weekday = self.weekdays.has(day.weekday().to_sunday_zero_offset());
        if self.days.is_open || self.weekdays.is_open { by_day && by_weekday } else { by_day || by_weekday }
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        let first = (self.minutes.from(0)?, self.seconds.from(0)?);
        let (hour, minute) = (from.hour(), from.minute());
        if self.hours.has(hour) {
            let this_minute = self.minutes.has(minute).then(|| self.seconds.from(from.second())).flatten();
            if let Some(second) = this_minute {
                return Some(time(hour, minute, second, 0));
            }
            if let Some(minute) = self.minutes.from(minute + 1) {
                return Some(time(hour, minute, first.1, 0));
            }
        }
        self.hours.from(hour + 1).map(|hour| time(hour, first.0, first.1, 0))
    }
}

/// The fields that a word stands for.
fn spelt_out(text: &str) -> &str {
    match text {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        fields => fields,
    }
}
