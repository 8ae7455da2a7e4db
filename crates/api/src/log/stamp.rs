//! The time of a record, as `2026-11-21T09:30:00.123Z`.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, tz::Offset};

/// The time that goes on a record.
#[expect(
    clippy::disallowed_methods,
    reason = "a log tells when things really happened, whatever a test's clock says"
)]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// Turns times into text, remembering the last second: turning one into a date costs more than the rest of a line.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    second: Option<u64>,
    text: String,
}

impl Stamp {
    /// Appends `now` to `line`.
    pub(super) fn write(&mut self, now: SystemTime, line: &mut String) {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        if self.second != Some(since.as_secs()) {
            self.turn(since.as_secs());
        }
        line.push_str(&self.text);
        let millis = since.subsec_millis();
        for place in [100, 10, 1] {
            line.push(char::from_digit(millis / place % 10, 10).unwrap_or('0'));
        }
        line.push('Z');
    }

    fn turn(&mut self, second: u64) {
        let at =
            i64::try_from(second).ok().and_then(|at| Timestamp::from_second(at).ok()).unwrap_or_default();
        let at = Offset::UTC.to_datetime(at);
        self.text.clear();
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        );
        self.second = Some(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(stamp: &mut Stamp, millis: u64) -> String {
        let mut line = String::new();
        stamp.write(UNIX_EPOCH + Duration::from_millis(millis), &mut line);
        line
    }

    #[test]
    fn a_time_has_milliseconds_and_ends_in_z() {
        let mut stamp = Stamp::default();
        assert_eq!(written(&mut stamp, 1_795_253_400_123), "2026-11-21T09:30:00.123Z");
        assert_eq!(written(&mut stamp, 1_795_253_400_007), "2026-11-21T09:30:00.007Z");
        assert_eq!(written(&mut stamp, 1_795_253_401_000), "2026-11-21T09:30:01.000Z");
        assert_eq!(written(&mut stamp, 0), "1970-01-01T00:00:00.000Z");
    }
}
