//! One field of a schedule: which numbers it has, and what it is told when it has none.

use types::{Phrase, Text};

/// The bit of the last day of a month, beyond those of the days.
pub const LAST_DAY: u64 = 1 << 32;

/// What a field may have.
pub struct Field {
    least: i8,
    most: i8,
    /// What numbers are called, from the least on.
    names: &'static [&'static str],
    wrong: Text,
}

/// What it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values {
    /// A bit a number.
    pub bits: u64,
    /// Whether it begins with `*`, and so asks for nothing in particular.
    pub is_open: bool,
    /// Whether it has a `*` or a step.
    pub repeats: bool,
}

macro_rules! fields {
    ($($name:ident = $least:literal..=$most:literal $names:expr, $code:literal, $en:literal, $uk:literal, $ru:literal;)*) => {
        $(pub const $name: Field = Field {
            least: $least,
            most: $most,
            names: $names,
            wrong: Text { code: $code, en: $en, uk: $uk, ru: $ru },
        };)*
    };
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

fields! {
    SECOND = 0..=59 &[], "bad_schedule_second", "`{}` is no second: write 0–59, *, a list 0,30, a range 0-29 or a step */10", "«{}» — не секунда: пишіть 0–59, *, список 0,30, проміжок 0-29 або крок */10", "«{}» — не секунда: пишите 0–59, *, список 0,30, промежуток 0-29 или шаг */10";
    MINUTE = 0..=59 &[], "bad_schedule_minute", "`{}` is no minute: write 0–59, *, a list 0,30, a range 0-29 or a step */5", "«{}» — не хвилина: пишіть 0–59, *, список 0,30, проміжок 0-29 або крок */5", "«{}» — не минута: пишите 0–59, *, список 0,30, промежуток 0-29 или шаг */5";
    HOUR = 0..=23 &[], "bad_schedule_hour", "`{}` is no hour: write 0–23, *, a list 9,18, a range 9-17 or a step */2", "«{}» — не година: пишіть 0–23, *, список 9,18, проміжок 9-17 або крок */2", "«{}» — не час: пишите 0–23, *, список 9,18, промежуток 9-17 или шаг */2";
    DAY = 1..=31 &[], "bad_schedule_day", "`{}` is no day of a month: write 1–31, L for the last, *, a list 1,15, a range 1-7 or a step */10", "«{}» — не день місяця: пишіть 1–31, L для останнього, *, список 1,15, проміжок 1-7 або крок */10", "«{}» — не день месяца: пишите 1–31, L для последнего, *, список 1,15, промежуток 1-7 или шаг */10";
    MONTH = 1..=12 MONTHS, "bad_schedule_month", "`{}` is no month: write 1–12 or jan–dec, *, a list 1,7, a range jun-aug or a step */3", "«{}» — не місяць: пишіть 1–12 чи jan–dec, *, список 1,7, проміжок jun-aug або крок */3", "«{}» — не месяц: пишите 1–12 или jan–dec, *, список 1,7, промежуток jun-aug или шаг */3";
    WEEKDAY = 0..=6 WEEKDAYS, "bad_schedule_weekday", "`{}` is no weekday: write 0–7 or sun–sat, *, a list mon,thu, a range mon-fri or a step */2", "«{}» — не день тижня: пишіть 0–7 чи sun–sat, *, список mon,thu, проміжок mon-fri або крок */2", "«{}» — не день недели: пишите 0–7 или sun–sat, *, список mon,thu, промежуток mon-fri или шаг */2";
}

impl Field {
    /// What stands in the field, in small letters.
    pub fn read(&self, text: &str) -> Result<Values, Phrase> {
        let mut values =
            Values { bits: 0, is_open: text.starts_with('*'), repeats: text.contains(['*', '/']) };
        for item in text.split(',') {
            values.bits |= self.item(item).ok_or_else(|| self.wrong.with([&item]))?;
        }
        Ok(values)
    }

    fn item(&self, item: &str) -> Option<u64> {
        if item == "l" && self.most == DAY.most {
            return Some(LAST_DAY);
        }
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.least, self.most),
            (_, Some((first, last))) => self.range(first, last)?,
            // From there on, if there is a step.
            (_, None) => {
                let only = self.number(range)?;
                (only, if step.is_some() { self.most } else { only })
            }
        };
        let step = step.map_or(Some(1), |step| number(step).filter(|step| (1..=self.most).contains(step)))?;
        let numbers = (first..=last).step_by(usize::try_from(step).ok()?);
        // A weekday of 7 is Sunday too.
        Some(numbers.fold(0, |bits, number| bits | 1 << if number > self.most { self.least } else { number }))
    }

    fn range(&self, first: &str, last: &str) -> Option<(i8, i8)> {
        let (first, last) = (self.number(first)?, self.number(last)?);
        // `sat-sun`: a week may end on Sunday.
        let last = if self.is_week() && last == 0 && first > 0 { 7 } else { last };
        (first <= last).then_some((first, last))
    }

    fn number(&self, text: &str) -> Option<i8> {
        let named = self.names.iter().position(|name| *name == text);
        let named = named.and_then(|at| i8::try_from(at).ok()).map(|at| self.least + at);
        let most = self.most + i8::from(self.is_week());
        named.or_else(|| number(text).filter(|number| (self.least..=most).contains(number)))
    }

    const fn is_week(&self) -> bool {
        self.most == 6
    }
}

/// Digits and nothing else.
fn number(text: &str) -> Option<i8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl Values {
    /// Whether it has that number.
    pub const fn has(self, number: i8) -> bool {
        self.bits >> number & 1 == 1
    }

    /// The first number from there on.
    pub fn from(self, number: i8) -> Option<i8> {
        let rest = self.bits >> number << number;
        if rest == 0 { None } else { i8::try_from(rest.trailing_zeros()).ok() }
    }
}
