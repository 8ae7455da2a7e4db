//! Addresses that somebody typed and never proved: they are kept until whoever has them comes and proves it.

use db::Along;
use types::Result;

use super::{Accounts, Identifier, Known, Written};
use crate::Target;

impl Accounts {
    /// Takes an address that was just proved from an account that never did: it loses the address and its sessions,
    /// and goes with them when it has nothing else to sign in with. False when the address was proved there too.
    pub(super) async fn free(&self, target: &Target) -> Result<bool> {
        let Some(Known { account, left_at, .. }) = self.store.recognise(&Identifier::from(target)).await?
        else {
            return Ok(true);
        };
        if account.has_proved(target) {
            return Ok(false);
        }
        let (left, now) = (account.without(target), self.means.clock.now());
        let written = if left_at.is_some() {
            // Its sessions ended when its deletion began.
            self.store.update(&left, now, Along::none()).await?
        } else {
            let along = Along::none().with(self.means.endings.sessions(&account, None)?);
            if left.is_named() {
                self.store.update(&left, now, along).await?
            } else {
                self.store.leave(&left, now, along).await?
            }
        };
        if written == Written::Done {
            tracing::info!(
                user_id = account.id.number(),
                "an account lost an address that it never proved to whoever proved it"
            );
        }
        // Whoever came between is met at the next try.
        Ok(true)
    }
}
