//! What clients say on a web socket, and what they are answered.

use api::Failure;
use api::edge::ClientIp;
use api::rates::Group;
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
    Sent {
        client_key: Option<String>,
        data: Message,
    },
    Error {
        client_key: Option<String>,
        data: api::Problem,
        /// In how many seconds it may be said again.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
}

/// Who talks: where from, and in which language they read.
#[derive(Debug, Clone, Copy)]
pub struct Speaker {
    pub client: ClientIp,
    pub language: Language,
}

impl Said {
    /// The kind of the request that does the same. What has arrived is noted once a second, however often it is said.
    const fn group(&self) -> Group {
        match self {
            Self::Send { .. } | Self::Typing { .. } => Group::Write,
            Self::Received { .. } | Self::Token { .. } => Group::Read,
        }
    }
}

impl Speaker {
    /// What to answer when they say too much, which is looked at before anything is done.
    pub async fn refusal(self, stay: &Stay, said: &Said) -> Option<Utf8Bytes> {
        let rates = stay.live().rates.as_ref()?;
        let refused = rates.charge(said.group(), self.client, stay.caller().user).await.err()?;
        let client_key = match said {
            Said::Send { client_key, .. } => client_key.clone(),
            Said::Token { .. } | Said::Received { .. } | Said::Typing { .. } => None,
        };
        Some(self.refused(client_key, &refused))
    }

    /// Does what they say, and what to answer, if anything.
    pub async fn says(self, stay: &Stay, said: Said) -> Option<Utf8Bytes> {
        let (client_key, done) = match said {
            Said::Send { chat_id, text, client_key } => {
                let messages = &stay.live().messages;
                match messages.send(stay.caller(), chat_id, &text, client_key.as_deref()).await {
                    Ok(message) => return Some(written(&Answer::Sent { client_key, data: message.into() })),
                    Err(error) => (client_key, Err(error)),
                }
            }
            Said::Typing { chat_id } => (None, stay.live().typing(stay.caller(), chat_id).await),
            Said::Received { chat_id, seq } => (None, stay.received(chat_id, seq).await),
            // That is between them and the connection.
            Said::Token { .. } => return None,
        };
        let error = done.err()?;
        if let types::Error::Internal { .. } = &error {
            tracing::error!(error = types::with_causes(&error), "what was said on a web socket was not done");
        }
        Some(self.refused(client_key, &error.into()))
    }

    fn refused(self, client_key: Option<String>, failure: &Failure) -> Utf8Bytes {
        let (data, retry_after) = (failure.problem(self.language, ""), failure.retry_after());
        written(&Answer::Error { client_key, data, retry_after })
    }
}

fn written(answer: &Answer) -> Utf8Bytes {
    // Plain data is always written.
    serde_json::to_string(answer).unwrap_or_default().into()
}
