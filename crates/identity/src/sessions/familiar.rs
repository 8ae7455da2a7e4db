//! Who may try to sign in, and whom attacks on their account do not concern.

use types::{Result, UserId};

use super::guard::{Attempt, Stranger};
use super::service::LISTED;
use super::standing::Verdict;
use super::{Client, Sessions};

/// Stands for an account that is not there, so that looking for its sessions takes as long.
const NOBODY: UserId = UserId::trusted(1);

impl Sessions {
    /// Lets this client try to sign in under this name. Who has failed too often waits; but where the account has a
    /// session already, others' failures do not count.
    pub(super) async fn admit(&self, name: &str, client: &Client) -> Result<Attempt> {
        let stranger = Stranger::new(name, &client.address);
        let refused = match self.guard.admit(&stranger).await {
            Ok(attempt) => return Ok(attempt),
            Err(refused) => refused,
        };
        let account = self.accounts.named(name).await?;
        let owner = account.as_ref().map_or(NOBODY, |account| account.id);
        let now = self.clock.now();
        let token = client.cookie.as_deref().and_then(|cookie| self.minting.sealer.read(cookie));
        if let Some(token) = token.filter(|token| token.owner == owner)
            && let Some(standing) = self.standing(&token, now).await?
            && standing.judge(&token, now) != Verdict::Stolen
        {
            return self.guard.admit_familiar(&stranger, Some(token.session.number())).await;
        }
        let sessions = self.store.list(owner, now, LISTED).await?;
        let at_home = account.is_some() && sessions.iter().any(|session| stranger.is_at(&session.address));
        if at_home { self.guard.admit_familiar(&stranger, None).await } else { Err(refused) }
    }
}

#[cfg(test)]
mod tests;
