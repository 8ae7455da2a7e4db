//! Inviting whoever starts the house, and taking them at their word.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use types::{Clock, Error, Result, Role};

use super::NO_INVITATION;
use super::store::{Spending, SqlInvitations};
use crate::keyed::keyed;
use crate::keys::drawn;
use crate::{Account, Accounts, Registration};

/// How long an invitation is good.
const LIFETIME: Duration = Duration::from_hours(24);

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Founding {
    accounts: Accounts,
    store: SqlInvitations,
    mac: Hmac<Sha256>,
    clock: Arc<dyn Clock>,
}

impl Founding {
    /// With this key, which others use too.
    pub fn new(accounts: Accounts, store: SqlInvitations, key: &[u8; 32], clock: Arc<dyn Clock>) -> Self {
        Self { accounts, store, mac: keyed(key), clock }
    }

    /// The secret of the invitation, for whoever starts the house: a new one when nobody has an account yet, the same
    /// one while it is good, in every process, and none once somebody runs the house.
    pub async fn invitation(&self) -> Result<Option<String>> {
        let now = self.clock.now();
        if self.store.find(now).await?.is_none() {
            if self.store.is_inhabited().await? {
                return Ok(None);
            }
            let id = drawn()?[..6].iter().fold(0, |id, byte| id << 8 | i64::from(*byte));
            self.store.offer(id, now, now.plus(LIFETIME)).await?;
        }
        // Several processes may have offered one: what is there counts.
        let found = self.store.find(now).await?;
        match found {
            Some(id) if !self.store.is_run().await? => Ok(Some(self.secret(id))),
            _ => Ok(None),
        }
    }

    /// Makes the first administrator. The house vouches for what they say, as it does for whoever sits at the machine.
    pub async fn found(&self, secret: &str, registration: Registration) -> Result<Account> {
        let refused = || Error::Forbidden(NO_INVITATION);
        let id = self.store.find(self.clock.now()).await?.ok_or_else(refused)?;
        let given = BASE64_URL_SAFE_NO_PAD.decode(secret.trim()).map_err(|_| refused())?;
        self.begun(id).verify_slice(&given).map_err(|_| refused())?;
        if self.store.is_run().await? {
            return Err(refused());
        }
        let founder = Registration { role: Role::Admin, vouched: true, ..registration };
        match self.accounts.sign_up_along(founder, Some(Spending(id))).await {
            // Somebody with the same link was quicker.
            Err(Error::Stale) => Err(refused()),
            account => account,
        }
    }

    fn secret(&self, id: i64) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.begun(id).finalize().into_bytes())
    }

    fn begun(&self, id: i64) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(b"invitation");
        mac.update(&id.to_be_bytes());
        mac
    }
}

#[cfg(test)]
mod tests;
