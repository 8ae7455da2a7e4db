//! What came of a call, and what it means for the message.

use std::time::Duration;

use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode};
use jiff::fmt::rfc2822::DateTimeParser;
use types::{Phrase, Timestamp};

use super::texts::ANSWERED;

/// Characters of an answer that are kept.
const EXCERPT: usize = 1_000;

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Delivered(Answer),
    /// It was not, and may be later.
    Again {
        /// Why not.
        why: Phrase,
        /// How long whoever was called wants to be left alone.
        after: Option<Duration>,
        /// What was answered, if anything was.
        answer: Option<Answer>,
    },
    /// It was not and will not be.
    Never {
        /// Why not.
        why: Phrase,
        /// What was answered, if anything was.
        answer: Option<Answer>,
    },
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// With which status. Whoever says 410 wants to hear nothing any more.
    pub status: u16,
    /// How it begins, without control characters.
    pub excerpt: String,
}

/// An answer while it comes.
pub struct Heard {
    status: StatusCode,
    after: Option<Duration>,
    /// What has come of its body.
    pub body: Vec<u8>,
}

impl Heard {
    /// With this head.
    pub fn new(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Self {
        let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        Self { status, after: after.and_then(|after| wait(after, now)), body: Vec::new() }
    }

    /// What it means, with a wait of at most so long.
    pub fn judged(self, longest: Duration) -> Verdict {
        let answer = Answer { status: self.status.as_u16(), excerpt: excerpt(&self.body) };
        let why = ANSWERED.with([&answer.status]);
        match answer.status {
            200..=299 => Verdict::Delivered(answer),
            408 | 429 | 500.. => {
                let after = self.after.map(|after| after.min(longest));
                Verdict::Again { why, after, answer: Some(answer) }
            }
            _ => Verdict::Never { why, answer: Some(answer) },
        }
    }
}

/// Why there was no answer.
pub struct Failure {
    why: Phrase,
    is_passing: bool,
}

impl Failure {
    /// There may be one later.
    pub fn again(why: impl Into<Phrase>) -> Self {
        Self { why: why.into(), is_passing: true }
    }

    /// There will be none.
    pub fn never(why: impl Into<Phrase>) -> Self {
        Self { why: why.into(), is_passing: false }
    }
}

impl From<Failure> for Verdict {
    fn from(Failure { why, is_passing }: Failure) -> Self {
        if is_passing {
            Self::Again { why, after: None, answer: None }
        } else {
            Self::Never { why, answer: None }
        }
    }
}

/// What `Retry-After` asks for: seconds, or a date.
fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than there are numbers mean a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Timestamp::from_micros(date.as_microsecond()).since(now))
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_253_400_000);

    fn judged(status: u16, after: &str) -> Verdict {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, after.parse().unwrap());
        Heard::new(StatusCode::from_u16(status).unwrap(), &headers, NOW).judged(Duration::from_mins(30))
    }

    #[test]
    fn the_status_says_what_becomes_of_the_message() {
        for (status, expected) in [
            (200, "delivered"),
            (204, "delivered"),
            (299, "delivered"),
            (304, "never"),
            (400, "never"),
            (401, "never"),
            (404, "never"),
            (408, "again"),
            (410, "never"),
            (425, "never"),
            (429, "again"),
            (500, "again"),
            (503, "again"),
            (599, "again"),
        ] {
            let (said, answer) = match judged(status, "") {
                Verdict::Delivered(answer) => ("delivered", answer),
                Verdict::Again { answer, .. } => ("again", answer.unwrap()),
                Verdict::Never { answer, .. } => ("never", answer.unwrap()),
            };
            assert_eq!((said, answer.status), (expected, status));
        }
    }

    #[test]
    fn who_asks_for_a_rest_gets_it_up_to_a_limit() {
        for (asked, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("86400", Some(1_800)),
            ("99999999999999999999999", Some(1_800)),
            ("Sat, 21 Nov 2026 09:31:00 GMT", Some(60)),
            ("Sat, 21 Nov 2026 09:29:00 GMT", Some(0)),
            ("Sat, 21 Nov 2099 09:29:00 GMT", Some(1_800)),
            ("Sun, 21 Nov 2026 09:31:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let Verdict::Again { after, .. } = judged(503, asked) else { panic!("503 may pass") };
            assert_eq!(after.map(|after| after.as_secs()), seconds, "{asked:?}");
        }
    }

    #[test]
    fn an_excerpt_is_short_and_fit_to_be_kept_and_shown() {
        assert_eq!(excerpt(b"ok\r\n\0\x1b[31mred\xff"), "ok\n[31mred\u{fffd}");
        assert_eq!(excerpt("ї".repeat(2_000).as_bytes()).chars().count(), 1_000);
    }
}
