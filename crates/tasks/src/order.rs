//! The order in which a person has their tasks: by number, with room between neighbours. A task's number follows from
//! its id until it is dragged.

use std::fmt;
use std::str::FromStr;

use types::TaskId;

use crate::task::Task;

/// Numbers between two tasks that were made one after the other. Ids have 53 bits, and so every place fits 64.
const ROOM: u32 = 10;
/// Numbers that are left where a task is put first or last.
pub const STEP: i64 = 1 << ROOM;
/// Numbers between tasks that were moved apart, at the least.
const ENOUGH: i64 = 16;
/// How far what is in front of a full place is moved away from it: further than thousands of tasks put there can fill.
const FAR: i64 = 1 << 40;
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

/// Whether a task stands elsewhere than where it was made.
pub const fn is_dragged(id: TaskId, position: i64) -> bool {
    position != newest(id)
}

/// The first id that stands behind this place where it was made.
pub const fn first_behind(place: Place) -> i64 {
    let id = place.position >> ROOM;
    let is_behind = id << ROOM == place.position && id > place.id.number();
    if is_behind { id } else { id + 1 }
}

/// A task that gets another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub id: TaskId,
    /// What it was.
    pub from: i64,
    /// What it will be.
    pub to: i64,
}

/// A number between two neighbours; `None` where there is no room.
pub fn between(from: Option<i64>, upto: Option<i64>) -> Option<i64> {
    match (from, upto) {
        (None, None) => Some(STEP),
        (None, Some(upto)) => upto.checked_sub(STEP),
        (Some(from), None) => from.checked_add(STEP),
        (Some(from), Some(upto)) => {
            let middle = i64::midpoint(from, upto);
            (from < middle && middle < upto).then_some(middle)
        }
    }
}

/// Places apart from each other and from what is before them. The last one stays where it is, unless nothing comes
/// after it. `None` where they would still stand too close.
pub fn spread(from: i64, places: &[Place], is_end: bool) -> Option<Vec<Moved>> {
    let (last, inner) = places.split_last()?;
    let count = i64::try_from(places.len()).ok()?;
    let room = if is_end { STEP } else { last.position.checked_sub(from)? / count };
    if room < ENOUGH {
        return None;
    }
    let moved = if is_end { places } else { inner };
    let to = |nth: usize| from.checked_add(room.checked_mul(i64::try_from(nth).ok()? + 1)?);
    let all = moved.iter().enumerate();
    all.map(|(nth, place)| Some(Moved { id: place.id, from: place.position, to: to(nth)? })).collect()
}

/// These, far in front of where they are; `None` where numbers end.
pub fn step_back(places: &[Place]) -> Option<Vec<Moved>> {
    let moved = |place: &Place| {
        Some(Moved { id: place.id, from: place.position, to: place.position.checked_sub(FAR)? })
    };
    places.iter().map(moved).collect()
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
    fn what_was_not_dragged_stands_behind_a_place_by_its_id() {
        let ids = [-1, 0, 1, 5, 6, 7].map(|id| Place { position: id << ROOM, id: TaskId::trusted(id) });
        for position in [-3 * STEP, -1, 0, 5 * STEP, 5 * STEP + 1, 6 * STEP - 1, 6 * STEP] {
            for id in 1..9 {
                let place = Place { position, id: TaskId::trusted(id) };
                for other in ids {
                    let is_behind = other.id.number() >= first_behind(place);
                    assert_eq!(is_behind, other > place, "{other:?} behind {place:?}");
                }
            }
        }
    }

    #[test]
    fn between_neighbours_there_is_room_until_there_is_none() {
        assert_eq!(between(None, None), Some(STEP));
        assert_eq!(between(None, Some(0)), Some(-STEP));
        assert_eq!(between(Some(5), None), Some(5 + STEP));
        assert_eq!(between(Some(-3), Some(-1)), Some(-2));
        for (from, upto) in [(1, 2), (2, 2), (-1, 0), (i64::MAX - 1, i64::MAX)] {
            assert_eq!(between(Some(from), Some(upto)), None, "{from} {upto}");
        }
    }

    #[test]
    fn moved_apart_they_keep_their_order_and_stay_before_what_follows() {
        let places = [1, 2, 3, 200].map(|n| Place { position: n, id: TaskId::trusted(n) });
        let to = |moved: Option<Vec<Moved>>| {
            moved.map(|moved| moved.iter().map(|moved| moved.to).collect::<Vec<_>>())
        };
        assert_eq!(to(spread(0, &places, false)), Some(vec![50, 100, 150]));
        assert_eq!(to(spread(0, &places[..3], false)), None);
        assert_eq!(to(spread(0, &places[..3], true)), Some(vec![STEP, 2 * STEP, 3 * STEP]));
    }

    #[test]
    fn the_last_id_of_all_still_has_a_place() {
        assert!(newest(TaskId::trusted((1 << 53) - 1)) > newest(TaskId::trusted((1 << 53) - 2)));
    }
}
