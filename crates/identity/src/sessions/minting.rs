//! Making tokens.

use std::time::Duration;

use api::Verifier;
use types::{Caller, Result};

use super::refresh::{RefreshToken, Sealer};
use crate::SigningKeys;

/// How tokens are made.
#[derive(Clone)]
pub struct Minting {
    /// What access tokens are signed with.
    pub keys: SigningKeys,
    /// Who will verify them, and so knows what they must say.
    pub verifier: Verifier,
    /// What makes refresh tokens.
    pub sealer: Sealer,
    /// How long an access token lives.
    pub access_ttl: Duration,
    /// How long a session lives without being renewed.
    pub ttl: Duration,
    /// Whether cookies are for encrypted connections alone.
    pub secure: bool,
}

/// A pair of tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// What a client proves itself with.
    pub access: String,
    /// For how long.
    pub lifetime: Duration,
    /// What it gets the next pair for.
    pub refresh: String,
}

impl Minting {
    /// An access token, and this refresh token as its client keeps it.
    pub fn pair(&self, caller: Caller, generation: i64, token: &RefreshToken) -> Result<Tokens> {
        let access = self.access(caller, generation, token.rotation)?;
        Ok(Tokens { access, lifetime: self.access_ttl, refresh: self.sealer.write(token) })
    }

    /// An access token.
    pub fn access(&self, caller: Caller, generation: i64, rotation: i64) -> Result<String> {
        self.keys.sign(&self.verifier.claims(caller, generation, rotation, self.access_ttl))
    }
}
