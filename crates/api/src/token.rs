//! Access tokens: signed with Ed25519 by identity, verified by whoever holds the public keys.

mod ended;
mod fetches;
mod keys;
mod remembered;
mod sightings;

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use types::{Caller, Clock, Role, SessionId, Text, UserId};

pub use ended::{Ended, Ending};
pub use keys::{KeySet, PublicKey};
use remembered::Remembered;
pub use sightings::Sighting;
use sightings::Sightings;

use crate::texts;

/// How far two machines' clocks may be apart.
const LEEWAY_SECONDS: i64 = 5;
/// A token longer than this is none of ours.
const LONGEST: usize = 2_048;

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// For whom it is.
    pub aud: String,
    /// The user.
    pub sub: String,
    /// The session.
    pub sid: SessionId,
    /// The generation of the user's tokens: a change of password or role makes a new one.
    #[serde(rename = "gen")]
    pub generation: i64,
    /// How often the session's refresh token had been replaced.
    #[serde(default, rename = "rot")]
    pub rotation: i64,
    /// The user's role.
    pub role: Role,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// From when on it may be used, if that is not at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
}

/// What a token that was verified grants, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub caller: Caller,
    /// The generation of the user's tokens that it is of.
    pub generation: i64,
    /// The rotation of its session that it is of.
    pub rotation: i64,
    /// Until when, in seconds since 1970.
    pub expires: i64,
}

/// Verifies access tokens, and remembers those it verified. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    keys: KeySet,
    issuer: Arc<str>,
    audience: Arc<str>,
    clock: Arc<dyn Clock>,
    remembered: Arc<Remembered>,
    ended: Ended,
    sightings: Arc<Sightings>,
}

impl Verifier {
    /// A verifier of tokens by this issuer for this audience.
    pub fn new(keys: KeySet, issuer: &str, audience: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            keys,
            issuer: issuer.into(),
            audience: audience.into(),
            clock,
            remembered: Arc::default(),
            ended: Ended::default(),
            sightings: Arc::default(),
        }
    }

    /// What the token grants, or what to tell whoever sent it.
    pub fn verify(&self, token: &str) -> Result<Grant, Text> {
        let now = self.clock.now().seconds();
        // Asked first: a key that goes while its token is checked must not leave that token remembered.
        let trust = self.keys.trust();
        let grant = if let Some(grant) = self.remembered.get(token, trust) {
            grant
        } else {
            let grant = self.check(token, now)?;
            self.remembered.put(token, grant, trust, now);
            self.sightings.note(token, grant);
            grant
        };
        if grant.expires <= now {
            return Err(texts::EXPIRED_TOKEN);
        }
        if self.ended.covers(&grant) { Err(texts::ENDED_TOKEN) } else { Ok(grant) }
    }

    /// Waits for the key of this token where keys come from elsewhere and a new one may not have come yet.
    pub(crate) async fn learn(&self, token: &str) {
        let may_be_new = self.keys.is_followed() && token.len() <= LONGEST;
        if !may_be_new || self.remembered.get(token, self.keys.trust()).is_some() {
            return;
        }
        let header = jsonwebtoken::decode_header(token).ok();
        if let Some(kid) = header.and_then(|header| header.kid) {
            self.keys.learn(&kid).await;
        }
    }

    fn check(&self, token: &str, now: i64) -> Result<Grant, Text> {
        if token.len() > LONGEST {
            return Err(texts::BAD_TOKEN);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| texts::BAD_TOKEN)?;
        // The key is chosen by its name among our own; whatever else the header offers is not looked at.
        let key = header.kid.and_then(|kid| self.keys.get(&kid)).ok_or(texts::BAD_TOKEN)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&*self.issuer]);
        rules.set_audience(&[&*self.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Time is looked at below, by the house's clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(|_| texts::BAD_TOKEN)?.claims;
        if claims.exp <= now {
            return Err(texts::EXPIRED_TOKEN);
        }
        if claims.nbf.unwrap_or(claims.iat) > now + LEEWAY_SECONDS {
            return Err(texts::BAD_TOKEN);
        }
        let user: UserId = claims.sub.parse().map_err(|_| texts::BAD_TOKEN)?;
        Ok(Grant {
            caller: Caller { user, session: claims.sid, role: claims.role },
            generation: claims.generation,
            rotation: claims.rotation,
            expires: claims.exp,
        })
    }

    /// The keys it verifies with.
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// What has ended before its time.
    pub const fn ended(&self) -> &Ended {
        &self.ended
    }

    /// Tokens that were seen here for the first time since this was asked last.
    pub fn sightings(&self) -> Vec<Sighting> {
        self.sightings.take()
    }

    /// The seconds of the house's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// What a token made now with this lifetime says, for whoever makes tokens by the same rules.
    pub fn claims(&self, caller: Caller, generation: i64, rotation: i64, lifetime: Duration) -> Claims {
        let now = self.clock.now();
        Claims {
            iss: self.issuer.to_string(),
            aud: self.audience.to_string(),
            sub: caller.user.to_string(),
            sid: caller.session,
            generation,
            rotation,
            role: caller.role,
            iat: now.seconds(),
            exp: now.plus(lifetime).seconds(),
            nbf: None,
        }
    }
}
