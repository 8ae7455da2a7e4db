//! What changed since a client last asked.

mod consumer;
pub mod routes;
mod service;
mod store;

use std::fmt;
use std::str::FromStr;

use types::{TaskId, Timestamp, UserId};

pub use self::consumer::Follower;
pub use self::service::Changes;
pub use self::store::SqlChanges;

/// How far a client has come. It is text to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Since {
    /// They have not had everything once yet, and so miss no deletion that was forgotten.
    pub first: bool,
    /// The number of the fact.
    pub number: i64,
    /// The last task of that number; one fact may tell of many.
    pub id: i64,
}

/// When a task last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub owner: UserId,
    /// Which.
    pub id: TaskId,
    /// The number of the fact that told it.
    pub number: i64,
    /// When it went out of sight, if that is what happened.
    pub gone_at: Option<Timestamp>,
}

/// Text that is no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPlace;

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:019}{:016}", u8::from(self.first), self.number, self.id)
    }
}

impl FromStr for Since {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let digits = text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_digit());
        let first = match text.as_bytes().first() {
            Some(b'0') if digits => false,
            Some(b'1') if digits => true,
            _ => return Err(NotAPlace),
        };
        let number = text[1..20].parse().map_err(|_| NotAPlace)?;
        Ok(Self { first, number, id: text[20..].parse().map_err(|_| NotAPlace)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        for since in [Since::default(), Since { first: true, number: i64::MAX, id: (1 << 53) - 1 }] {
            assert_eq!(since.to_string().parse(), Ok(since));
        }
        for text in ["", "7", &"9".repeat(36), &"ї".repeat(18), &"0".repeat(37)] {
            assert_eq!(text.parse::<Since>(), Err(NotAPlace), "{text}");
        }
    }
}
