//! What is said.

pub(crate) mod bodies;
mod classic;
mod routes;
mod service;
mod store;

use types::{ChatId, FieldError, MessageId, Text, Timestamp, UserId, check};

pub use classic::routes as classic;
pub use routes::routes;
pub use service::{MessageStore, Messages};
pub use store::{MESSAGE, SqlMessages};

/// Characters of a message.
pub const LONGEST: usize = 4_096;
/// Characters of a client's key.
const LONGEST_KEY: usize = 64;

pub const NO_MESSAGE: Text = Text {
    code: "message_not_found",
    en: "There is no such message",
    uk: "Такого повідомлення немає",
    ru: "Такого сообщения нет",
};
const KEY_TAKEN: Text = Text {
    code: "client_key_reused",
    en: "Another message was sent with this client_key",
    uk: "З цим client_key надіслано інше повідомлення",
    ru: "С этим client_key отправлено другое сообщение",
};

pub const NOT_YOURS: Text = Text {
    code: "not_your_message",
    en: "This message is somebody else's",
    uk: "Це повідомлення написав хтось інший",
    ru: "Это сообщение написал кто-то другой",
};
pub const DELETED: Text = Text {
    code: "message_deleted",
    en: "This message is deleted",
    uk: "Це повідомлення видалено",
    ru: "Это сообщение удалено",
};

/// A message as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which one.
    pub id: MessageId,
    /// In which chat.
    pub chat: ChatId,
    /// Its place there, from 1 on, without a gap.
    pub seq: i64,
    /// Who wrote it.
    pub user: UserId,
    /// What it says; nothing once it is deleted.
    pub text: Option<String>,
    /// Counted up by each change.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted for all.
    pub deleted_at: Option<Timestamp>,
}

/// A message that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Which one.
    pub id: MessageId,
    /// In which chat.
    pub chat: ChatId,
    /// Who writes it.
    pub user: UserId,
    /// What it says.
    pub text: String,
    /// What its sender calls it, who may send it again.
    pub client_key: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What a message said before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Which version of it.
    pub version: i64,
    /// What it said.
    pub text: String,
    /// Since when.
    pub written_at: Timestamp,
}

impl Message {
    /// The same, saying this from then on.
    fn saying(&self, text: String, now: Timestamp) -> Self {
        let (version, edited_at) = (self.version + 1, Some(now.max(self.created_at)));
        Self { text: Some(text), version, edited_at, ..self.clone() }
    }
}

/// What a message says, if it may say that.
fn said(field: &'static str, text: &str) -> Result<String, FieldError> {
    let text = check::text(field, text, LONGEST)?;
    if text.trim().is_empty() { Err(FieldError::new(field, check::REQUIRED)) } else { Ok(text) }
}
