//! The order in which a person has their tasks: by number, with room between neighbours.

use std::fmt;
use std::str::FromStr;

use types::TaskId;

use crate::task::Task;

/// Numbers between two tasks that were made one after the other. Ids have 53 bits, and so every place fits 64.
const ROOM: u32 = 10;
/// Turns a signed number into one that sorts the same as text.
const SIGN: u64 = 1 << 63;

/// Where a task stands. Two that got the same number at once stand by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its number.
    pub position: i64,
    /// Which task.
    pub id: TaskId,
}

/// The place behind all that were made before: new tasks come last.
pub const fn newest(id: TaskId) -> i64 {
    id.number() << ROOM
}

impl From<&Task> for Place {
    fn from(task: &Task) -> Self {
        Self { position: task.position, id: task.id }
    }
}

/// Text that is not the place of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.{}", self.position.cast_unsigned() ^ SIGN, self.id)
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let (position, id) = text.split_once('.').ok_or(NotAPlace)?;
        if position.len() != 16 || !position.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAPlace);
        }
        let position = u64::from_str_radix(position, 16).map_err(|_| NotAPlace)? ^ SIGN;
        Ok(Self { position: position.cast_signed(), id: id.parse().map_err(|_| NotAPlace)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_sorts_as_text() {
        let places =
            [i64::MIN, -1, 0, 1, i64::MAX].map(|position| Place { position, id: TaskId::trusted(7) });
        let texts = places.map(|place| place.to_string());
        assert!(texts.is_sorted());
        assert_eq!(texts.each_ref().map(|text| text.parse()), places.map(Ok));
        for text in ["", "1.7", "8000000000000001", "8000000000000001.0", "+000000000000001.7", "ї.7"] {
            assert_eq!(text.parse::<Place>(), Err(NotAPlace), "{text}");
        }
    }

    #[test]
    fn the_last_id_of_all_still_has_a_place() {
        assert!(newest(TaskId::trusted((1 << 53) - 1)) > newest(TaskId::trusted((1 << 53) - 2)));
    }
}
