//! What the house itself does, as whoever runs it asks. Nobody's role is looked at: they own the machine.

use db::Along;
use types::{Error, Result, Role, SessionId, UserId};

use super::service::LISTED;
use super::{NO_SESSION, Session, Sessions};
use crate::Account;

impl Sessions {
    /// The sessions of a person.
    pub async fn all_of(&self, owner: UserId) -> Result<Vec<Session>> {
        self.store.list(owner, self.clock.now(), LISTED).await
    }

    /// Ends one session of a person.
    pub async fn end_of(&self, owner: UserId, session: SessionId) -> Result<()> {
        let is_theirs = self.store.owner(session).await? == Some(owner);
        if is_theirs { self.end_one(owner, session).await } else { Err(Error::NotFound(NO_SESSION)) }
    }

    /// Ends all sessions of a person.
    pub async fn end_all_of(&self, owner: UserId) -> Result<()> {
        self.end_all(owner, None).await
    }

    /// Says what a person may do from now on. Their access tokens end, and their sessions get new ones.
    pub async fn change_role(&self, account: &Account, role: Role) -> Result<()> {
        let along = Along::none().with(self.endings().tokens(account)?);
        self.accounts.set_role(account.id, role, along).await
    }

    /// Gives a person a new password. All their sessions end.
    pub async fn reset_password(&self, account: &Account, password: String) -> Result<()> {
        let along = Along::none().with(self.endings().sessions(account, None)?);
        self.accounts.set_password(account.id, password, along).await
    }
}
