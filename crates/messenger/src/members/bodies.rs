//! Members as JSON, both ways.

use serde::{Deserialize, Serialize};
use types::{Error, Result, Timestamp, UserId};
use utoipa::ToSchema;

use super::{NO_ROLE, Wish};
use crate::chats::Rank;

/// What somebody is to be in a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// `member`, `admin`, or `owner`, which hands the group over; `member` when they are new and nothing is said.
    role: Option<String>,
    /// Whether they see also what was said before they came.
    #[serde(default)]
    history: bool,
}

impl Membership {
    /// What it asks for, if there is such a role.
    pub fn wish(self) -> Result<Wish> {
        let rank =
            self.role.map(|role| Rank::called(&role).ok_or(Error::invalid("role", NO_ROLE))).transpose()?;
        Ok(Wish { rank, history: self.history })
    }
}

/// Somebody who is in a chat.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatMember)]
pub struct Member {
    #[schema(value_type = u64)]
    user_id: UserId,
    /// `member`, `admin` or `owner`.
    role: &'static str,
    /// They have read up to this `seq`.
    read_seq: i64,
    #[schema(value_type = String, format = DateTime)]
    joined_at: Timestamp,
}

impl From<super::Member> for Member {
    fn from(super::Member { user, rank, read_seq, joined_at, .. }: super::Member) -> Self {
        Self { user_id: user, role: rank.name(), read_seq, joined_at }
    }
}
