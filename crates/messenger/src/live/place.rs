//! How far a connection has been told, and the order in which it is told.
//!
//! Facts have numbers, and a place is the number of the last one told. Two messages of a chat that were sent almost at once
//! on a server may be numbered the other way round than they stand in their chat (see [`stream::Follow`]): they are told by
//! their places in the chat, each in the turn of the other's number. Then a place also says from where on to read again.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use types::{ChatId, MessageId};

use super::tidings::{Item, Tiding};

/// Digits of a number.
const DIGITS: usize = 19;

/// It is text to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Everything up to this number is told, and is in the order of its numbers.
    pub from: i64,
    /// Everything whose turn was up to this number is told.
    pub upto: i64,
}

/// Text that is no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPlace;

impl Place {
    /// Behind the fact with this number and all before it.
    pub const fn whole(number: i64) -> Self {
        Self { from: number, upto: number }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As texts they are in the same order.
        write!(f, "{:0DIGITS$}", self.upto)?;
        if self.from == self.upto { Ok(()) } else { write!(f, "-{:0DIGITS$}", self.from) }
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let number = |digits: &str| {
            let fits =
                (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
            digits.parse().ok().filter(|_| fits).ok_or(NotAPlace)
        };
        let place = match text.split_once('-') {
            Some((upto, from)) => Self { from: number(from)?, upto: number(upto)? },
            None => Self::whole(number(text)?),
        };
        if place.from <= place.upto { Ok(place) } else { Err(NotAPlace) }
    }
}

/// What happened after this number, each with the place behind it: the messages of a chat by their places there. Of what
/// is said anew by what follows, only the last is left.
pub fn arranged(after: i64, items: Vec<Item>, seqs: &HashMap<MessageId, i64>) -> Vec<(Place, Item)> {
    let (mut items, moved) = by_seq(items, seqs);
    let last = items.last().map_or(after, |item| item.number);
    drop_repeated(&mut items);
    let place = |number| {
        if moved && number < last { Place { from: after, upto: number } } else { Place::whole(number) }
    };
    items.into_iter().map(|item| (place(item.number), item)).collect()
}

/// Whether any had to be moved, too.
fn by_seq(mut items: Vec<Item>, seqs: &HashMap<MessageId, i64>) -> (Vec<Item>, bool) {
    let mut turns: HashMap<ChatId, Vec<usize>> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        if let Tiding::Sent(id) = item.tiding
            && seqs.contains_key(&id)
        {
            turns.entry(item.chat).or_default().push(at);
        }
    }
    let seq = |tiding: Tiding| match tiding {
        Tiding::Sent(id) => seqs.get(&id).copied(),
        _ => None,
    };
    let mut moved = false;
    for turns in turns.values() {
        let mut told: Vec<Tiding> = turns.iter().map(|at| items[*at].tiding).collect();
        if !told.is_sorted_by_key(|tiding| seq(*tiding)) {
            moved = true;
            told.sort_by_key(|tiding| seq(*tiding));
            turns.iter().zip(told).for_each(|(at, tiding)| items[*at].tiding = tiding);
        }
    }
    (items, moved)
}

fn drop_repeated(items: &mut Vec<Item>) {
    let (mut changed, mut read) = (HashSet::new(), HashSet::new());
    items.reverse();
    items.retain(|item| match item.tiding {
        Tiding::Changed => changed.insert(item.chat),
        Tiding::Read(user, _) => read.insert((item.chat, user)),
        _ => true,
    });
    items.reverse();
}

#[cfg(test)]
mod tests {
    use types::UserId;

    use super::*;

    fn item(number: i64, chat: i64, tiding: Tiding) -> Item {
        Item { number, chat: ChatId::trusted(chat), tiding }
    }

    fn sent(number: i64, chat: i64, id: i64) -> Item {
        item(number, chat, Tiding::Sent(MessageId::trusted(id)))
    }

    fn seqs(all: &[(i64, i64)]) -> HashMap<MessageId, i64> {
        all.iter().map(|(id, seq)| (MessageId::trusted(*id), *seq)).collect()
    }

    #[test]
    fn a_place_is_read_as_it_is_written_and_nothing_else_is_one() {
        for place in [Place::whole(0), Place::whole(i64::MAX), Place { from: 7, upto: 12 }] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for bad in ["", "x", "-1", "1-", "-", "7-12", "+7", "12-7-3", "99999999999999999999", " 7"] {
            assert_eq!(bad.parse::<Place>(), Err(NotAPlace), "{bad:?}");
        }
    }

    #[test]
    fn messages_in_order_have_their_own_numbers() {
        let items = vec![sent(5, 1, 50), sent(6, 2, 60), sent(8, 1, 80)];
        let told = arranged(4, items.clone(), &seqs(&[(50, 1), (60, 1), (80, 2)]));
        let places = [5, 6, 8].map(Place::whole);
        assert_eq!(told, places.into_iter().zip(items).collect::<Vec<_>>());
    }

    #[test]
    fn messages_numbered_the_other_way_round_are_told_in_the_order_of_their_chat() {
        let items = vec![sent(5, 1, 50), sent(6, 2, 60), sent(8, 1, 80)];
        let told = arranged(4, items, &seqs(&[(50, 9), (60, 1), (80, 8)]));
        let wanted = [
            (Place { from: 4, upto: 5 }, sent(5, 1, 80)),
            (Place { from: 4, upto: 6 }, sent(6, 2, 60)),
            (Place::whole(8), sent(8, 1, 50)),
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn of_what_is_said_anew_the_last_is_told() {
        let read = |number, user, seq| item(number, 1, Tiding::Read(UserId::trusted(user), seq));
        let items = vec![
            read(5, 3, 1),
            item(6, 1, Tiding::Changed),
            read(7, 4, 1),
            read(8, 3, 2),
            item(9, 1, Tiding::Changed),
        ];
        let told = arranged(4, items, &HashMap::new());
        assert_eq!(told.iter().map(|(_, item)| item.number).collect::<Vec<_>>(), [7, 8, 9]);
    }
}
