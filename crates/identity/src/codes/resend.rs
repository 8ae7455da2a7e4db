//! How soon the next code may be asked for.

use std::time::Duration;

use types::Timestamp;

use super::Code;

/// Waits that grow with each code in a row; the last one goes on. A row ends when nobody has asked for a lifetime.
#[derive(Debug, Clone)]
pub struct Resend {
    waits: Vec<Duration>,
    lifetime: Duration,
}

impl Resend {
    /// These waits, for codes that are good so long.
    pub const fn new(waits: Vec<Duration>, lifetime: Duration) -> Self {
        Self { waits, lifetime }
    }

    /// How long is still to be waited after this code.
    pub fn rest(&self, last: &Code, now: Timestamp) -> Option<Duration> {
        let next = last.sent_at.plus(self.wait(last.sent));
        (next > now).then(|| whole_seconds(next.since(now)))
    }

    /// The how manyth in a row the next code is.
    pub fn next(&self, last: Option<&Code>, now: Timestamp) -> i64 {
        let goes_on = |last: &&Code| last.sent_at.plus(self.kept(last.sent)) > now;
        last.filter(goes_on).map_or(1, |last| last.sent + 1)
    }

    /// How long to wait after so many codes in a row.
    pub fn wait(&self, sent: i64) -> Duration {
        let at = usize::try_from(sent - 1).unwrap_or_default();
        self.waits.get(at).or(self.waits.last()).copied().unwrap_or_default()
    }

    /// How long a code must be remembered: while it is good, and while it keeps the next one waiting.
    pub fn kept(&self, sent: i64) -> Duration {
        self.lifetime.max(self.wait(sent))
    }
}

/// What `Retry-After` can say, never less than is to be waited.
pub fn whole_seconds(rest: Duration) -> Duration {
    Duration::from_secs(rest.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::CodeId;
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn resend() -> Resend {
        Resend::new([30, 60, 120, 300].map(Duration::from_secs).to_vec(), 10 * MINUTE)
    }

    fn code(sent: i64) -> Code {
        let sent_at = Timestamp::from_millis(1_000_000);
        Code { id: CodeId::trusted(1), is_real: true, sent, sent_at, expires_at: sent_at.plus(10 * MINUTE) }
    }

    #[test]
    fn waits_grow_and_the_last_one_goes_on() {
        for (sent, seconds) in [(1, 30), (2, 60), (3, 120), (4, 300), (5, 300), (99, 300)] {
            let code = code(sent);
            assert_eq!(resend().rest(&code, code.sent_at), Some(Duration::from_secs(seconds)), "{sent}");
            let then = code.sent_at.plus(Duration::from_secs(seconds));
            assert_eq!(
                resend().rest(&code, then.minus(Duration::from_millis(1))),
                Some(Duration::from_secs(1))
            );
            assert_eq!(resend().rest(&code, then), None);
        }
    }

    #[test]
    fn a_row_goes_on_for_a_lifetime_and_then_begins_anew() {
        let code = code(3);
        assert_eq!(resend().next(None, code.sent_at), 1);
        assert_eq!(resend().next(Some(&code), code.sent_at.plus(2 * MINUTE)), 4);
        assert_eq!(resend().next(Some(&code), code.sent_at.plus(10 * MINUTE)), 1);
    }

    #[test]
    fn a_wait_longer_than_a_code_is_good_is_remembered_all_the_same() {
        let resend = Resend::new(vec![60 * MINUTE], 10 * MINUTE);
        assert_eq!(resend.kept(1), 60 * MINUTE);
        assert!(resend.rest(&code(1), code(1).sent_at.plus(59 * MINUTE)).is_some());
    }
}
