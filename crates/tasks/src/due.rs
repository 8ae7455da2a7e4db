//! When a task is due: on a day wherever the person is, or at a moment in a zone.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use types::check::{Checks, REQUIRED};
use types::{Text, Timestamp};

const SECOND: i64 = 1_000_000;
/// A day stands among moments as its noon in UTC, which is on that day nearly everywhere.
const NOON: i64 = 12 * 3_600 * SECOND;

const BAD_DATE: Text = Text {
    code: "bad_date",
    en: "this is a day as YYYY-MM-DD",
    uk: "тут день у вигляді РРРР-ММ-ДД",
    ru: "здесь день в виде ГГГГ-ММ-ДД",
};
const UNKNOWN_ZONE: Text = Text {
    code: "unknown_timezone",
    en: "there is no such time zone; write one like Europe/Kyiv",
    uk: "такого часового поясу немає; напишіть, наприклад, Europe/Kyiv",
    ru: "такого часового пояса нет; напишите, например, Europe/Kyiv",
};
const EITHER: Text = Text {
    code: "day_or_moment",
    en: "a task is due on a day or at a moment, not both",
    uk: "завдання має термін у день або в момент, не разом",
    ru: "у задачи срок — день или момент, а не оба сразу",
};

/// When it is due. Nothing at all means never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The day, as `YYYY-MM-DD`.
    pub on: Option<String>,
    /// The moment.
    pub at: Option<Timestamp>,
    /// The zone in which the moment was meant.
    pub zone: Option<String>,
}

impl Due {
    /// As it will be kept; notes whatever cannot be.
    #[must_use]
    pub fn checked(self, checks: &mut Checks) -> Self {
        let Self { on, at, zone } = self;
        if on.is_some() && at.is_some() {
            checks.refuse("due_on", EITHER);
        }
        if on.as_deref().is_some_and(|on| day(on).is_none()) {
            checks.refuse("due_on", BAD_DATE);
        }
        match (&at, &zone) {
            (None, Some(_)) => checks.refuse("due_at", REQUIRED),
            (Some(_), Some(zone)) if !TimeZone::get(zone).is_ok_and(|known| known.iana_name().is_some()) => {
                checks.refuse("due_zone", UNKNOWN_ZONE);
            }
            _ => {}
        }
        let zone = at.map(|_| zone.unwrap_or_else(|| "UTC".to_owned()));
        Self { on, at, zone }
    }

    /// How far in time, in microseconds; nothing for never.
    pub fn degree(on: Option<&str>, at: Option<Timestamp>) -> Option<i64> {
        at.map(Timestamp::micros).or_else(|| Some(midnight(day(on?)?) + NOON))
    }
}

/// A day or a moment that something may be due before or after, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound(pub i64);

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if let Some(day) = day(&text) {
            return Ok(Self(midnight(day)));
        }
        let moment: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(moment.as_microsecond()))
    }
}

fn day(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (text.len() == 10 && date.to_string() == text).then_some(date)
}

/// In UTC.
fn midnight(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_secs() * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(due: Due) -> Vec<(String, &'static str)> {
        let mut checks = Checks::default();
        let _ = due.checked(&mut checks);
        let Err(types::Error::Invalid(fields)) = checks.done() else { return Vec::new() };
        fields.iter().map(|error| (error.field.to_string(), error.message.text.code)).collect()
    }

    #[test]
    fn a_day_or_a_moment_in_a_zone() {
        let on = |day: &str| Due { on: Some(day.into()), ..Due::default() };
        let at = |zone: Option<&str>| Due {
            at: Some(Timestamp::from_millis(1)),
            zone: zone.map(str::to_owned),
            ..Due::default()
        };
        for good in [Due::default(), on("2028-02-29"), at(None), at(Some("Europe/Kyiv"))] {
            assert_eq!(wrong(good), []);
        }
        for day in ["2027-02-29", "2027-2-1", "tomorrow", "", "2027-02-01T00:00", "-002027-02-01"] {
            assert_eq!(wrong(on(day)), [("due_on".to_owned(), "bad_date")], "{day}");
        }
        assert_eq!(wrong(at(Some("Kyiv"))), [("due_zone".to_owned(), "unknown_timezone")]);
        let zone = Due { zone: Some("UTC".into()), ..Due::default() };
        assert_eq!(wrong(zone), [("due_at".to_owned(), "required")]);
        let both = Due { on: Some("2027-02-01".into()), ..at(None) };
        assert_eq!(wrong(both), [("due_on".to_owned(), "day_or_moment")]);
    }
    #[test]
    fn a_day_lies_between_its_midnight_and_the_next() {
        let bound = |text: &str| serde_json::from_value::<Bound>(text.into()).ok().map(|bound| bound.0);
        let degree = Due::degree(Some("2027-02-01"), None);
        assert!(bound("2027-02-01") < degree && degree < bound("2027-02-02"));
        assert!(bound("2027-02-01T00:00:00+02:00") < degree && degree < bound("2027-02-02T00:00:00-08:00"));
        assert_eq!(bound("1970-01-02"), Some(86_400 * SECOND));
        assert_eq!(bound("1970-01-01T00:00:01Z"), Some(SECOND));
        assert!(Due::degree(Some("9999-12-31"), None) > Due::degree(Some("-9999-01-01"), None));
        assert_eq!((bound("tomorrow"), bound("2027-2-1"), Due::degree(None, None)), (None, None, None));
    }
}
