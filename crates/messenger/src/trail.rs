//! What became of a message: it is stored, told, processed, arrives at each member and is read by them, each at a time
//! that can be asked for. How far it came to a member is a range of the chat's places, and not a row a message.

mod bodies;
mod routes;
mod service;
mod store;
#[cfg(test)]
mod stories;

use types::{Timestamp, UserId};

use crate::messages::Message;

pub use routes::routes;
pub use service::Trails;
pub use store::{SqlTrails, receipt};

/// What happens to a message at a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is with a device of theirs.
    Delivered,
    /// They have read it.
    Read,
}

impl Stage {
    /// As it is kept.
    pub const fn number(self) -> i64 {
        match self {
            Self::Delivered => 0,
            Self::Read => 1,
        }
    }
}

/// What became of a message in the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Since when whoever waits for messages could have it.
    pub published: Option<Timestamp>,
    /// When it was processed.
    pub processed: Option<Timestamp>,
}

/// What became of a message at a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Whose.
    pub user: UserId,
    /// Since when they have it.
    pub delivered: Option<Timestamp>,
    /// Since when they have read it.
    pub read: Option<Timestamp>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Which one.
    pub message: Message,
    /// In the house.
    pub marks: Marks,
    /// At its members'.
    pub arrivals: Vec<Arrival>,
}

impl Arrival {
    /// The same, but what was read was there.
    fn sound(self) -> Self {
        let delivered = self.delivered.into_iter().chain(self.read).min();
        Self { delivered, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_was_delivered() {
        let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        for (delivered, read, wanted) in [
            (None, None, None),
            (Some(1), Some(2), Some(1)),
            (None, Some(2), Some(2)),
            (Some(3), Some(2), Some(2)),
        ] {
            let arrival = Arrival { user: UserId::trusted(1), delivered: at(delivered), read: at(read) };
            assert_eq!(arrival.sound().delivered, at(wanted));
        }
    }
}
