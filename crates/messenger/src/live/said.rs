//! What clients say on a web socket, and what they are answered.

use api::Failure;
use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use types::{ChatId, Language};

use super::stay::Stay;
use crate::messages::bodies::Message;

/// Something a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Said {
    /// A new token of the same person's: the connection goes on with it.
    Token { token: String },
    /// Everything in a chat up to here has arrived.
    Received { chat_id: ChatId, seq: i64 },
    /// Something to be said in a chat.
    Send { chat_id: ChatId, text: String, client_key: Option<String> },
    /// The person is writing in a chat.
    Typing { chat_id: ChatId },
}

/// An answer to it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Answer {
    Sent { client_key: Option<String>, data: Message },
    Error { client_key: Option<String>, data: api::Problem },
}

/// Says something in a chat, and what became of it.
pub async fn send(
    stay: &Stay,
    language: Language,
    (chat, text, client_key): (ChatId, String, Option<String>),
) -> Utf8Bytes {
    let sent = stay.live().messages.send(stay.caller(), chat, &text, client_key.as_deref()).await;
    match sent {
        Ok(message) => written(&Answer::Sent { client_key, data: message.into() }),
        Err(error) => refused(language, client_key, error),
    }
}

/// Tells others that somebody is writing; what to answer when that cannot be.
pub async fn typing(stay: &Stay, language: Language, chat: ChatId) -> Option<Utf8Bytes> {
    let told = stay.live().typing(stay.caller(), chat).await;
    told.err().map(|error| refused(language, None, error))
}

/// Notes what has arrived; what to answer when that cannot be.
pub async fn received(stay: &Stay, language: Language, chat: ChatId, seq: i64) -> Option<Utf8Bytes> {
    let noted = stay.received(chat, seq).await;
    noted.err().map(|error| refused(language, None, error))
}

fn refused(language: Language, client_key: Option<String>, error: types::Error) -> Utf8Bytes {
    if let types::Error::Internal { .. } = &error {
        tracing::error!(error = types::with_causes(&error), "what was said on a web socket was not done");
    }
    written(&Answer::Error { client_key, data: Failure::from(error).problem(language, "") })
}

fn written(answer: &Answer) -> Utf8Bytes {
    // Plain data is always written.
    serde_json::to_string(answer).unwrap_or_default().into()
}
