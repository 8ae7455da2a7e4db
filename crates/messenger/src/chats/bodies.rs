//! Chats as JSON, both ways.

use serde::{Deserialize, Serialize};
use types::{ChatId, Timestamp, UserId};
use utoipa::ToSchema;

use super::{Kind, Rank, Seat};
use crate::messages::bodies::Message;

/// A chat to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChat {
    /// With whom.
    #[schema(value_type = u64)]
    pub user_id: UserId,
}

/// A chat of yours.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chat {
    #[schema(value_type = u64)]
    id: ChatId,
    /// `direct` or `group`.
    kind: &'static str,
    /// The other one, in a direct chat.
    #[schema(value_type = Option<u64>)]
    pal_id: Option<UserId>,
    /// What a group is called.
    title: Option<String>,
    /// `member`, `admin` or `owner`: what you may do in it.
    role: &'static str,
    /// The `seq` of its newest message; 0 when nothing was said yet.
    last_seq: i64,
    /// You have read up to this `seq`.
    read_seq: i64,
    /// How many messages of others you have not read.
    unread: i64,
    /// What was said last.
    last_message: Option<Message>,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Seat> for Chat {
    fn from(seat: Seat) -> Self {
        let Seat { chat, pal, rank, read_seq, unread, last, .. } = seat;
        Self {
            id: chat.id,
            kind: chat.kind.name(),
            pal_id: pal,
            title: chat.title,
            role: rank.name(),
            last_seq: chat.last_seq,
            read_seq,
            unread,
            last_message: last.map(Into::into),
            version: chat.version,
            created_at: chat.created_at,
            updated_at: chat.updated_at,
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

impl Rank {
    const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}
