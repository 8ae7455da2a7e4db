//! What some may do about others.

use types::{Caller, Result, Role, UserId};

use super::{Account, Accounts};
use crate::policy::{self, Act};

impl Accounts {
    /// One's own account, or with the right to, anybody's.
    pub async fn see(&self, caller: &Caller, user: UserId) -> Result<Account> {
        policy::allow_about(caller, user, Act::SeeAccount)?;
        self.find(user).await
    }

    /// Says what somebody may do. Their access tokens, which say what they might do so far, end.
    pub async fn change_role(&self, caller: &Caller, user: UserId, role: Role) -> Result<Account> {
        // Not even one's own: whoever could would be an administrator.
        policy::allow(caller, Act::ChangeRole)?;
        self.give_role(user, role).await
    }
}
