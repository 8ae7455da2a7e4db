//! Typed ids: a task's id is not a user's id, whatever the number.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The id of a `T`: a positive integer below 2⁵³, so that it fits a JavaScript number.
pub struct Id<T>(i64, PhantomData<fn() -> T>);

/// What users' ids name.
#[derive(Debug)]
pub enum User {}
/// What sessions' ids name.
#[derive(Debug)]
pub enum Session {}
/// What tasks' ids name.
#[derive(Debug)]
pub enum Task {}

/// What the ids of lists of tasks name.
#[derive(Debug)]
pub enum TaskList {}

/// What chats' ids name.
#[derive(Debug)]
pub enum Chat {}
/// What messages' ids name.
#[derive(Debug)]
pub enum Message {}

/// What jobs' ids name.
#[derive(Debug)]
pub enum Job {}

/// What the ids of schedules of jobs name.
#[derive(Debug)]
pub enum Timetable {}

/// A user's id.
pub type UserId = Id<User>;
/// A session's id.
pub type SessionId = Id<Session>;
/// A task's id.
pub type TaskId = Id<Task>;
/// The id of a list of tasks.
pub type ListId = Id<TaskList>;
/// A chat's id.
pub type ChatId = Id<Chat>;
/// A message's id.
pub type MessageId = Id<Message>;
/// A job's id.
pub type JobId = Id<Job>;
/// The id of a schedule of jobs.
pub type ScheduleId = Id<Timetable>;

/// The number is no id: not an integer, below 1, or 2⁵³ and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is an integer from 1 to 9007199254740991")]
pub struct NotAnId;

impl<T> Id<T> {
    const END: i64 = 1 << 53;

    /// The id with this number, if a number like it can be one.
    pub const fn new(number: i64) -> Result<Self, NotAnId> {
        if number > 0 && number < Self::END { Ok(Self(number, PhantomData)) } else { Err(NotAnId) }
    }

    /// An id that the house itself made or stored, and so need not be looked at again.
    pub const fn trusted(number: i64) -> Self {
        Self(number, PhantomData)
    }

    /// The number.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // Only digits: `+1` and ` 1` parse as integers but are no ids anybody was given.
        if text.bytes().all(|b| b.is_ascii_digit()) {
            Self::new(text.parse().map_err(|_| NotAnId)?)
        } else {
            Err(NotAnId)
        }
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_i64(self.0)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(from)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_integers_below_2_to_the_53_are_ids() {
        assert_eq!("7".parse::<TaskId>().map(Id::number), Ok(7));
        assert_eq!("9007199254740991".parse::<TaskId>().map(Id::number), Ok((1 << 53) - 1));
        for bad in ["", "0", "-1", "+1", " 1", "1.0", "9007199254740992", "18446744073709551616", "x"] {
            assert_eq!(bad.parse::<TaskId>(), Err(NotAnId), "{bad:?}");
        }
    }

    #[test]
    fn in_json_an_id_is_a_number() {
        assert_eq!(serde_json::to_string(&UserId::trusted(17)).unwrap(), "17");
        assert_eq!(serde_json::from_str::<UserId>("17").unwrap(), UserId::trusted(17));
        assert!(serde_json::from_str::<UserId>("-17").is_err());
    }
}
