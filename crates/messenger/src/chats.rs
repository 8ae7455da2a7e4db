//! Who talks with whom.

pub(crate) mod bodies;
mod routes;
mod service;
mod store;

use types::{ChatId, Text, Timestamp, UserId};

use crate::messages::Message;

pub use routes::routes;
pub use service::{ChatStore, Chats, People};
#[cfg(test)]
pub use service::{MockChatStore, MockPeople};
pub use store::SqlChats;

pub const NO_CHAT: Text = Text {
    code: "chat_not_found",
    en: "There is no such chat",
    uk: "Такого чату немає",
    ru: "Такого чата нет",
};
pub const NO_PERSON: Text = Text {
    code: "person_not_found",
    en: "There is no such person",
    uk: "Такої людини немає",
    ru: "Такого человека нет",
};
pub const BLOCKED: Text = Text {
    code: "blocked",
    en: "One of you does not want to hear of the other",
    uk: "Один із вас не хоче чути про іншого",
    ru: "Один из вас не хочет слышать о другом",
};

/// What kind of chat it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of two people, or with oneself.
    Direct,
    /// Of as many as its owner and its administrators let in.
    Group,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Talk.
    Member,
    /// And let others in and out, delete what they say, call the chat something else.
    Admin,
    /// And make administrators.
    Owner,
}

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Which one.
    pub id: ChatId,
    /// Of what kind.
    pub kind: Kind,
    /// What it is called, if it is a group.
    pub title: Option<String>,
    /// The place of its newest message; 0 when nothing was said yet.
    pub last_seq: i64,
    /// Counted up by each change.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last changed, other than by what is said.
    pub updated_at: Timestamp,
}

/// A chat as one of its members has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The chat.
    pub chat: Chat,
    /// The other one, in a chat of two; oneself in one with oneself.
    pub pal: Option<UserId>,
    /// What they may do.
    pub rank: Rank,
    /// They have been there since this place.
    pub joined_seq: i64,
    /// They see what comes after this place.
    pub seen_from: i64,
    /// They have read up to this place.
    pub read_seq: i64,
    /// How much of what others said later they have not read.
    pub unread: i64,
    /// What was said last, if they may see it.
    pub last: Option<Message>,
}

/// The chat of two, as one of them finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direct {
    /// Which one.
    pub id: ChatId,
    /// The place of its newest message.
    pub last_seq: i64,
    /// Whether one of them blocks the other.
    pub blocked: bool,
}

impl Kind {
    /// As it is kept.
    pub const fn number(self) -> i64 {
        match self {
            Self::Direct => 0,
            Self::Group => 1,
        }
    }

    pub(crate) const fn of(number: i64) -> Self {
        if number == 0 { Self::Direct } else { Self::Group }
    }
}

impl Rank {
    /// As it is kept.
    pub const fn number(self) -> i64 {
        match self {
            Self::Member => 0,
            Self::Admin => 1,
            Self::Owner => 2,
        }
    }

    pub(crate) const fn of(number: i64) -> Self {
        match number {
            0 => Self::Member,
            1 => Self::Admin,
            _ => Self::Owner,
        }
    }
}

/// The two of a chat in the order in which it is kept.
pub(crate) fn in_order(one: UserId, other: UserId) -> (UserId, UserId) {
    (one.min(other), one.max(other))
}
