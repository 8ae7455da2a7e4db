//! Where tokens are made, good ones and others.

use std::sync::Arc;
use std::time::Duration;

use api::stop::{Stop, Trigger};
use api::{Claims, KeySet, PublicKey, Verifier};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use testkit::StillClock;
use types::{Caller, Role, SessionId, UserId};

/// The name of the house's key.
pub const KID: &str = "1-house";

/// A house's key, the verifier that knows it, and the time of day.
pub struct Workshop {
    pub key: SigningKey,
    pub keys: KeySet,
    pub verifier: Verifier,
    pub clock: StillClock,
    pub stop: Stop,
    pub trigger: Trigger,
}

impl Workshop {
    pub fn new() -> Self {
        let (key, keys, clock) = (stranger(1), KeySet::default(), StillClock::default());
        keys.replace(vec![public(KID, &key)]);
        let verifier = Verifier::new(keys.clone(), "daybook", "daybook", Arc::new(clock.clone()));
        let (stop, trigger) = Stop::manual();
        Self { key, keys, verifier, clock, stop, trigger }
    }

    /// What a good token says.
    pub fn claims(&self) -> Claims {
        self.verifier.claims(caller(), 1, 0, Duration::from_mins(5))
    }

    /// A good token.
    pub fn token(&self) -> String {
        self.signed(&header(), &json!(self.claims()))
    }

    /// This, with a good signature of the house's key.
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        signed(&self.key, header, claims)
    }

    /// A good token, but for this in what it says.
    pub fn saying(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!(self.claims());
        change(&mut claims);
        self.signed(&header(), &claims)
    }

    /// A good token passes; this one, whatever it is, does not.
    #[track_caller]
    pub fn refuses(&self, what: &str, token: &str) {
        assert_eq!(self.verifier.verify(&self.token()).map(|grant| grant.caller), Ok(caller()));
        // Twice: a refusal must not be remembered as anything else.
        for _ in 0..2 {
            assert_eq!(self.verifier.verify(token).map_err(|text| text.code), Err("invalid_token"), "{what}");
        }
    }
}

/// Whose tokens these are.
pub fn caller() -> Caller {
    Caller { user: UserId::trusted(7), session: SessionId::trusted(9), role: Role::User }
}

/// A key that is made from this number.
pub fn stranger(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// A key as others see it.
pub fn public(kid: &str, key: &SigningKey) -> PublicKey {
    PublicKey::ed25519(kid, key.verifying_key().as_bytes())
}

/// What a good token begins with.
pub fn header() -> Value {
    json!({"typ": "JWT", "alg": "EdDSA", "kid": KID})
}

/// This, signed with this key.
pub fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let said = unsigned(header, claims);
    let signature = key.sign(said.as_bytes()).to_bytes();
    format!("{said}.{}", encoded(signature))
}

/// What a signature is for.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()))
}

/// Bytes as a part of a token.
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The three parts of a token.
pub fn parts(token: &str) -> [Vec<u8>; 3] {
    let parts: Vec<_> = token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    parts.try_into().unwrap()
}
