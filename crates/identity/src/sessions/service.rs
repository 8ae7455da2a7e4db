//! Signing in.

use std::sync::Arc;
use std::time::Duration;

use api::{PublicKey, Verifier};
use async_trait::async_trait;
use types::{Caller, Clock, Error, Ids, Result};

use super::{Client, Session, WRONG_CREDENTIALS};
use crate::{Account, Accounts, SigningKeys};

/// Where sessions are kept.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Writes a new session down.
    async fn insert(&self, session: &Session) -> Result<()>;
}

/// How tokens are made.
#[derive(Clone)]
pub struct Minting {
    /// What they are signed with.
    pub keys: SigningKeys,
    /// Who will verify them, and so knows what they must say.
    pub verifier: Verifier,
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session lives without being renewed.
    pub ttl: Duration,
}

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    accounts: Accounts,
    store: Arc<dyn SessionStore>,
    minting: Minting,
    ids: Ids,
    clock: Arc<dyn Clock>,
}

/// A person who has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub account: Account,
    /// What their client proves it with.
    pub access_token: String,
    /// For how long.
    pub lifetime: Duration,
}

impl Sessions {
    /// Over this store.
    pub fn new(
        accounts: Accounts,
        store: Arc<dyn SessionStore>,
        minting: Minting,
        ids: Ids,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { accounts, store, minting, ids, clock }
    }

    /// Signs a person in.
    pub async fn sign_in(&self, email: &str, password: String, client: &Client) -> Result<SignedIn> {
        let account = self.accounts.recognise(email, password).await?;
        let account = account.ok_or(Error::Unauthenticated(WRONG_CREDENTIALS))?;

        let created_at = self.clock.now();
        let session = Session {
            id: self.ids.next()?,
            owner: account.id,
            agent: client.agent(),
            address: client.address.clone(),
            created_at,
            expires_at: created_at.plus(self.minting.ttl),
        };
        self.store.insert(&session).await?;

        let Minting { keys, verifier, access_ttl: lifetime, .. } = &self.minting;
        let caller = Caller { user: account.id, session: session.id, role: account.role };
        let access_token = keys.sign(&verifier.claims(caller, account.generation, *lifetime))?;
        Ok(SignedIn { account, access_token, lifetime: *lifetime })
    }

    /// The keys that tokens are verified with.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.minting.keys.public().public()
    }
}
