//! What some may do about others.

use db::Along;
use types::{Caller, Error, Result, Role, UserId};

use super::service::TRIES;
use super::{Account, Accounts, Written};
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
        for _ in 0..TRIES {
            let account = self.find(user).await?;
            if account.role == role {
                return Ok(account);
            }
            let changed = Account { role, ..account.next() };
            let along = Along::none().with(self.means.endings.tokens(&account)?);
            if self.store.update(&changed, self.means.clock.now(), along).await? == Written::Done {
                return Ok(changed);
            }
        }
        Err(Error::Stale)
    }
}
