//! What the house itself does, as whoever runs it asks. Nobody's role is looked at: they own the machine.

use db::Along;
use types::{Error, Result, SessionId, UserId};

use super::service::LISTED;
use super::{NO_SESSION, Session, Sessions};

impl Sessions {
    /// Whether people must prove their address to sign up.
    pub fn needs_codes(&self) -> bool {
        self.accounts.needs_codes()
    }

    /// The sessions of a person.
    pub async fn all_of(&self, owner: UserId) -> Result<Vec<Session>> {
        self.store.list(owner, self.clock.now(), LISTED).await
    }

    /// Ends one session of a person.
    pub async fn end_of(&self, owner: UserId, session: SessionId) -> Result<()> {
        let is_theirs = self.store.owner(session).await? == Some(owner);
        if is_theirs {
            self.end_one(owner, session, Along::none()).await
        } else {
            Err(Error::NotFound(NO_SESSION))
        }
    }

    /// Ends all sessions of a person.
    pub async fn end_all_of(&self, owner: UserId) -> Result<()> {
        self.end_all(owner, None).await
    }
}
