//! Where people are signed in.

mod classic;
mod routes;
mod service;
mod store;

use types::{SessionId, Text, Timestamp, UserId};
use utoipa_axum::router::OpenApiRouter;

pub use service::{Minting, SessionStore, Sessions};
pub use store::SqlSessions;

/// Characters kept of what a client calls itself.
const AGENT: usize = 200;

/// The same for a wrong password and an unknown address: nobody learns which it was.
pub const WRONG_CREDENTIALS: Text = Text {
    code: "wrong_credentials",
    en: "Wrong e-mail address or password",
    uk: "Неправильна адреса електронної пошти або пароль",
    ru: "Неверный адрес электронной почты или пароль",
};

/// One place where a person is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub owner: UserId,
    /// What the client calls itself.
    pub agent: String,
    /// Where it called from.
    pub address: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
}

/// What a client says of itself when a person signs in with it.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// What it calls itself.
    pub agent: String,
    /// Where it calls from.
    pub address: String,
}

impl Client {
    fn agent(&self) -> String {
        self.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect()
    }
}

/// The routes about sessions.
pub fn routes() -> OpenApiRouter<Sessions> {
    routes::routes().merge(classic::routes())
}
