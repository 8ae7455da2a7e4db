//! What became of a message: it is stored, told, processed, arrives at each member and is read by them, each at a time
//! that can be asked for. How far it came to a member is a range of the chat's places, and not a row a message.

mod store;

pub use store::receipt;

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
