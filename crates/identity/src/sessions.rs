//! Where people are signed in.

mod administration;
mod answers;
mod classic;
mod credentials;
mod endings;
mod familiar;
mod guard;
mod minting;
mod pending;
mod presented;
mod published;
mod refresh;
mod routes;
mod service;
mod standing;
mod store;

use types::{SessionId, Text, Timestamp, UserId};
use utoipa_axum::router::OpenApiRouter;

pub use answers::{Shown, Welcome};
pub use endings::Endings;
pub use guard::{Guard, LoginLimits};
pub use minting::{Minting, Tokens};
pub use presented::Visit;
pub use refresh::Sealer;
pub use service::{SessionStore, Sessions};
pub use store::SqlSessions;

/// Characters kept of what a client calls itself.
const AGENT: usize = 200;

/// The same for a wrong password and an unknown account: nobody learns which it was.
pub const WRONG_CREDENTIALS: Text = Text {
    code: "wrong_credentials",
    en: "Wrong login or password",
    uk: "Неправильний логін або пароль",
    ru: "Неверный логин или пароль",
};
/// A refresh token that is good for nothing.
const BAD_REFRESH_TOKEN: Text = Text {
    code: "invalid_refresh_token",
    en: "The refresh token is not valid; sign in again",
    uk: "Токен оновлення недійсний; увійдіть знову",
    ru: "Токен обновления недействителен; войдите снова",
};
const NO_SESSION: Text = Text {
    code: "session_not_found",
    en: "Session not found",
    uk: "Сеанс не знайдено",
    ru: "Сеанс не найден",
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
    /// When it was renewed last.
    pub seen_at: Timestamp,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
}

/// What a client says of itself when a person signs in with it.
#[derive(Clone, Default)]
pub struct Client {
    /// What it calls itself.
    pub agent: String,
    /// Where it calls from.
    pub address: String,
    /// The refresh token that it holds as a cookie, which tells an owner's own client from others.
    pub cookie: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { agent, address, cookie: _ } = self;
        f.debug_struct("Client").field("agent", agent).field("address", address).finish_non_exhaustive()
    }
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
