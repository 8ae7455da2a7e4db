//! Messages as JSON, both ways.

use api::{Etag, Versioned};
use serde::{Deserialize, Serialize};
use types::{ChatId, MessageId, Timestamp, UserId};
use utoipa::{IntoParams, ToSchema};

/// Something to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// At most 4,096 characters.
    pub text: String,
    /// Any name of yours for it, of at most 64 characters: sent again with the same one, it is the same message.
    pub client_key: Option<String>,
}

/// What a message should say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessagePatch)]
pub struct Patch {
    /// At most 4,096 characters.
    pub text: String,
}

/// For whom a message is deleted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// `all` or `me`; all when not given.
    #[serde(default, rename = "for")]
    #[param(value_type = Option<String>)]
    pub whom: For,
}

/// For all, or for oneself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum For {
    #[default]
    All,
    Me,
}

/// What a message said before.
#[derive(Serialize, ToSchema)]
pub struct Edit {
    version: i64,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    written_at: Timestamp,
}

impl From<super::Edit> for Edit {
    fn from(edit: super::Edit) -> Self {
        let super::Edit { version, text, written_at } = edit;
        Self { version, text, written_at }
    }
}

/// All of what it said before.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// Oldest first.
    pub items: Vec<Edit>,
}

/// How far a chat is read.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upto {
    /// Up to this message; all of them when not given.
    pub seq: Option<i64>,
}

/// Which messages are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<i64>,
    /// `next` of the page before, or the `seq` of any message: those that were said before it.
    pub cursor: Option<String>,
    /// Only those with a higher `seq`.
    pub after: Option<i64>,
}

/// A message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Message {
    #[schema(value_type = u64)]
    id: MessageId,
    #[schema(value_type = u64)]
    chat_id: ChatId,
    /// Its place in the chat: 1, 2, 3 and so on, without a gap.
    seq: i64,
    #[schema(value_type = u64)]
    user_id: UserId,
    /// Null once it is deleted, for all or for you.
    text: Option<String>,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    deleted_at: Option<Timestamp>,
}

impl From<super::Message> for Message {
    fn from(message: super::Message) -> Self {
        let super::Message { id, chat, seq, user, text, version, created_at, edited_at, deleted_at } =
            message;
        Self { id, chat_id: chat, seq, user_id: user, text, version, created_at, edited_at, deleted_at }
    }
}

impl Versioned for Message {
    fn version(&self) -> i64 {
        self.version
    }

    /// Hidden from one alone it is no other version, and yet reads differently.
    fn tag(&self) -> Etag {
        let hidden = self.text.is_none() && self.deleted_at.is_none();
        if hidden { Etag::quoted(&format!("hidden.{}", self.version)) } else { Etag::of(self.version) }
    }
}
