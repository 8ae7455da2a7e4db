//! Who talks with whom.

pub(crate) mod bodies;
mod routes;
mod service;
mod store;

use types::{ChatId, Error, Result, Text, Timestamp, UserId};

use crate::messages::Message;

pub use routes::routes;
pub use service::{ChatStore, Chats, Glance, People};
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

pub const NOT_A_GROUP: Text = Text {
    code: "not_a_group",
    en: "This is a chat of two: it has no title, and nobody comes or goes",
    uk: "Це чат двох: у нього немає назви, і ніхто не приходить і не йде",
    ru: "Это чат двоих: у него нет названия, и никто не приходит и не уходит",
};
pub const NO_RIGHT: Text = Text {
    code: "no_right_in_chat",
    en: "Your role in this chat does not allow that",
    uk: "Ваша роль у цьому чаті цього не дозволяє",
    ru: "Ваша роль в этом чате этого не позволяет",
};
const TOO_MANY: Text = Text {
    code: "too_many",
    en: "at most {} people can be named at once",
    uk: "за один раз можна назвати не більше {} людей",
    ru: "за один раз можно назвать не больше {} человек",
};
const UNKNOWN_PEOPLE: Text = Text {
    code: "person_not_found",
    en: "there is no such person: {}",
    uk: "такої людини немає: {}",
    ru: "такого человека нет: {}",
};
const ONE_OR_MANY: Text = Text {
    code: "one_or_many",
    en: "name either user_id, for the chat of two, or title and members, for a group",
    uk: "вкажіть або user_id для чату двох, або title і members для групи",
    ru: "укажите либо user_id для чата двоих, либо title и members для группы",
};

/// Characters of a group's title.
const LONGEST_TITLE: usize = 200;
/// People who can be named when a group is made.
const MOST_AT_ONCE: usize = 1_000;
/// How often a change is tried again when another one came between reading and writing: each time, another got through.
pub(crate) const TRIES: usize = 8;

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

/// Somebody's place in a chat: what is looked at before they do anything there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The chat.
    pub chat: Chat,
    /// The other one, in a chat of two; oneself in one with oneself.
    pub pal: Option<UserId>,
    /// What they may do.
    pub rank: Rank,
    /// They have read up to this place.
    pub read_seq: i64,
    /// They have been there since this place.
    pub joined_seq: i64,
    /// They see what comes after this place.
    pub seen_from: i64,
    /// Whether one of two blocks the other.
    pub blocked: bool,
}

/// A chat as it is shown to one of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The chat.
    pub chat: Chat,
    /// The other one, in a chat of two; oneself in one with oneself.
    pub pal: Option<UserId>,
    /// What they may do.
    pub rank: Rank,
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

/// A chat that somebody wants to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one with this person.
    With(UserId),
    /// A group of this title, with these people.
    Group(String, Vec<UserId>),
}

/// A group in which nothing was said yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Which one.
    pub id: ChatId,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub owner: UserId,
    /// Who else is in it.
    pub others: Vec<UserId>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A chat in which somebody has not read all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Which one.
    pub id: ChatId,
    /// By what it stands among the others: the higher, the later something was said there.
    pub at: i64,
    /// How much of what others said is not read.
    pub unread: i64,
}

impl Kind {
    /// An error unless it is a group.
    pub(crate) fn must_be_group(self) -> Result<()> {
        if self == Self::Group { Ok(()) } else { Err(Error::Conflict(NOT_A_GROUP)) }
    }

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
    /// An error unless it may do what this one may.
    pub(crate) fn at_least(self, rank: Self) -> Result<()> {
        if self >= rank { Ok(()) } else { Err(Error::Forbidden(NO_RIGHT)) }
    }

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
