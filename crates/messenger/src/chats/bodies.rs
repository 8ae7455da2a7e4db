//! Chats as JSON, both ways.

use api::{Etag, Versioned};
use serde::{Deserialize, Serialize};
use types::{ChatId, Error, Result, Timestamp, UserId};
use utoipa::ToSchema;

use super::{Kind, ONE_OR_MANY, Rank, View, Wanted};
use crate::messages::bodies::Message;

/// A chat to be: with somebody, or a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChat {
    /// With whom.
    #[schema(value_type = Option<u64>)]
    user_id: Option<UserId>,
    /// Or else what the group is called, in at most 200 characters.
    title: Option<String>,
    /// And who is in it beside you, 1,000 people at the most.
    #[schema(value_type = Option<Vec<u64>>)]
    members: Option<Vec<UserId>>,
}

impl NewChat {
    /// What it asks for, if it asks for one thing.
    pub fn wanted(self) -> Result<Wanted> {
        match (self.user_id, self.title, self.members) {
            (Some(user), None, None) => Ok(Wanted::With(user)),
            (None, None, None) | (Some(_), ..) => Err(Error::invalid("user_id", ONE_OR_MANY)),
            (None, title, members) => {
                Ok(Wanted::Group(title.unwrap_or_default(), members.unwrap_or_default()))
            }
        }
    }
}

/// What is to be different about a group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatPatch)]
pub struct Patch {
    /// What it is called, in at most 200 characters.
    pub title: String,
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
    #[serde(skip)]
    tag: Etag,
}

impl Versioned for Chat {
    fn version(&self) -> i64 {
        self.version
    }

    fn tag(&self) -> Etag {
        self.tag.clone()
    }
}

/// The tag of the chat as this member sees it: the version is the chat's own, and before it stands what else they see
/// of it, which changes without it.
fn tag(view: &View) -> Etag {
    let View { chat, pal, rank, read_seq, unread, last } = view;
    let pal = pal.map_or(0, types::Id::number);
    let said = last.as_ref().map_or((0, false), |said| (said.version, said.text.is_some()));
    let said = format!("{}{}", said.0, if said.1 { "" } else { "x" });
    let own = format!("{}-{pal}-{}-{read_seq}-{unread}-{said}", rank.name(), chat.last_seq);
    Etag::quoted(&format!("{own}.{}", chat.version))
}

impl From<View> for Chat {
    fn from(view: View) -> Self {
        let tag = tag(&view);
        let View { chat, pal, rank, read_seq, unread, last } = view;
        Self {
            tag,
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
    /// As it is said.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

impl Rank {
    /// The one that is called so.
    pub fn called(name: &str) -> Option<Self> {
        [Self::Member, Self::Admin, Self::Owner].into_iter().find(|rank| rank.name() == name)
    }

    /// As it is said.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}
