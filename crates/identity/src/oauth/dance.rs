//! What a browser carries while it is away: a sealed cookie, so that the house keeps nothing for dances that never end.
//!
//! The seal is an HMAC: the cookie is the browser's own, out of its scripts' reach, and holds nothing that somebody
//! with the browser in hand could not have had anyway.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use types::{Error, Result, Timestamp, UserId};

use crate::keyed::keyed;
use crate::keys::drawn;

/// How long a person may be away.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// A longer cookie is none of ours.
const LONGEST: usize = 2_048;

/// What has to come back, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dance {
    /// The provider that was asked: an answer from another one is none.
    pub provider: String,
    /// What the answer has to carry, so that it is the answer to this browser's question.
    pub state: String,
    /// What the id token has to carry.
    pub nonce: String,
    /// What proves to the provider that the code is fetched by who asked for it.
    pub verifier: String,
    /// Where the browser goes then.
    pub return_to: String,
    /// Whose account the login is linked to; none when somebody signs in.
    pub link: Option<UserId>,
    /// Until when.
    until: i64,
}

impl Dance {
    /// A new one.
    pub fn new(provider: &str, return_to: String, link: Option<UserId>, now: Timestamp) -> Result<Self> {
        Ok(Self {
            provider: provider.to_owned(),
            state: word()?,
            nonce: word()?,
            verifier: word()?,
            return_to,
            link,
            until: now.plus(LIFETIME).seconds(),
        })
    }

    /// What the provider is told of the verifier: PKCE, S256.
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Whether this state is the one. Hashes are compared, so that time tells nothing about how much was right.
    pub fn is_answered_by(&self, state: &str) -> bool {
        Sha256::digest(state) == Sha256::digest(&self.state)
    }
}

/// 43 characters that nobody guesses.
fn word() -> Result<String> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(drawn()?))
}

/// Seals dances and knows its own. Cheap to clone.
#[derive(Clone)]
pub struct DanceSeal(Hmac<Sha256>);

impl DanceSeal {
    /// With this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(keyed(key))
    }

    /// The dance as the browser carries it.
    pub fn seal(&self, dance: &Dance) -> Result<String> {
        let said = serde_json::to_vec(dance)
            .map_err(|e| Error::internal_by("the state of a sign-in cannot be written", e))?;
        let mut mac = self.0.clone();
        mac.update(&said);
        let (said, seal) = (BASE64_URL_SAFE_NO_PAD.encode(&said), mac.finalize().into_bytes());
        Ok(format!("{said}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal)))
    }

    /// The dance that a browser brought back, if it is one of ours and its time is not over.
    pub fn open(&self, carried: &str, now: Timestamp) -> Option<Dance> {
        let (said, seal) = carried.split_once('.').filter(|_| carried.len() <= LONGEST)?;
        let said = BASE64_URL_SAFE_NO_PAD.decode(said).ok()?;
        let mut mac = self.0.clone();
        mac.update(&said);
        mac.verify_slice(&BASE64_URL_SAFE_NO_PAD.decode(seal).ok()?).ok()?;
        let dance: Dance = serde_json::from_slice(&said).ok()?;
        (dance.until > now.seconds()).then_some(dance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> (DanceSeal, Dance, String, Timestamp) {
        let (seal, now) = (DanceSeal::new(&[7; 32]), Timestamp::from_millis(1_795_253_400_000));
        let dance = Dance::new("google", "/app/".into(), Some(UserId::trusted(7)), now).unwrap();
        let carried = seal.seal(&dance).unwrap();
        (seal, dance, carried, now)
    }

    #[test]
    fn a_dance_comes_back_as_it_left_for_ten_minutes() {
        let (seal, dance, carried, now) = sealed();
        assert_eq!(seal.open(&carried, now.plus(Duration::from_secs(599))), Some(dance));
        assert_eq!(seal.open(&carried, now.plus(LIFETIME)), None);
    }

    #[test]
    fn nothing_in_it_can_be_changed_and_no_other_key_makes_ours() {
        let (seal, _, carried, now) = sealed();
        for at in 0..carried.len() {
            let mut changed = carried.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(&String::from_utf8(changed).unwrap(), now), None, "byte {at}");
        }
        assert_eq!(DanceSeal::new(&[8; 32]).open(&carried, now), None);
        for garbage in ["", ".", "a.b", &"A".repeat(5_000)] {
            assert_eq!(seal.open(garbage, now), None);
        }
    }

    #[test]
    fn every_dance_has_words_of_its_own_that_are_long_enough_for_every_provider() {
        let ((_, one, ..), (_, other, ..)) = (sealed(), sealed());
        let words = [&one.state, &one.nonce, &one.verifier, &other.state, &other.nonce, &other.verifier];
        let distinct: std::collections::BTreeSet<_> = words.iter().collect();
        assert_eq!(distinct.len(), 6);
        assert!(words.iter().all(|word| word.len() == 43));
        assert!(one.is_answered_by(&one.state) && !one.is_answered_by(&other.state));
        assert_eq!(one.challenge().len(), 43);
    }
}
