//! What happens to accounts.

use serde::{Deserialize, Serialize};

use super::Tell;
use crate::UserId;

/// The topic of everything here.
pub const TOPIC: &str = "accounts";

/// Somebody has an account now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSignedUp {
    /// Who.
    pub id: UserId,
}

impl Tell for UserSignedUp {
    const TOPIC: &'static str = TOPIC;
    const KIND: &'static str = "signed_up";
    fn key(&self) -> i64 {
        self.id.number()
    }
}

/// Somebody's account is gone for good: whatever else is theirs goes too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// Who.
    pub id: UserId,
}

impl Tell for UserDeleted {
    const TOPIC: &'static str = TOPIC;
    const KIND: &'static str = "deleted";
    fn key(&self) -> i64 {
        self.id.number()
    }
}
