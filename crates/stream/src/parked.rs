//! Facts that could not be handled.

use types::Timestamp;

use crate::Fact;

/// A fact set aside by one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The group.
    pub consumer: String,
    /// The fact.
    pub fact: Fact,
    /// Why, for an engineer.
    pub error: String,
    /// When.
    pub parked_at: Timestamp,
}
