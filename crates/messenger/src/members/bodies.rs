//! Members as JSON, both ways.

use serde::{Deserialize, Serialize};
use types::{Timestamp, UserId};
use utoipa::ToSchema;

use super::Wish;
use crate::chats::Rank;

/// What somebody is to be in a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// `member` when they are new and nothing is said; `owner` hands the group over.
    #[schema(inline)]
    role: Option<Rank>,
    /// Whether they see also what was said before they came.
    #[serde(default)]
    history: bool,
}

impl From<Membership> for Wish {
    fn from(Membership { role, history }: Membership) -> Self {
        Self { rank: role, history }
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
