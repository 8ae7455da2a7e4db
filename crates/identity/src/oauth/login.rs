//! A person's account elsewhere.

use types::{Timestamp, UserId};

/// An account elsewhere, and whom it opens here. It is known by provider and subject; the address opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Who vouches.
    pub provider: String,
    /// What the provider calls the person; it never changes.
    pub subject: String,
    /// Whose it is here.
    pub user: UserId,
    /// The address that the provider said, proved or not.
    pub email: Option<String>,
    /// Since when it is linked.
    pub created_at: Timestamp,
}
