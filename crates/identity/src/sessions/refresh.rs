//! Refresh tokens: each use replaces one by a successor that can be computed again, so that a lost answer costs nothing.
//!
//! A token names its owner, its session and how often that was renewed, and carries 32 secret bytes and a seal. The secret
//! of a successor is an HMAC of its parent's; the seal tells ours from invented ones before anything is looked up.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use types::{Id, SessionId, UserId};

use crate::keyed::keyed;

/// Bytes of a hash and of a secret.
const SECRET: usize = 32;
/// Bytes of a seal.
const SEAL: usize = 16;
/// Bytes of what a token names: owner, session, rotation.
const NAMES: usize = 24;

/// One refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose.
    pub owner: UserId,
    /// Of which session.
    pub session: SessionId,
    /// How often the session had been renewed.
    pub rotation: i64,
    secret: [u8; SECRET],
}

impl RefreshToken {
    /// All that is kept of it.
    pub fn hash(&self) -> [u8; SECRET] {
        Sha256::digest(self.secret).into()
    }

    fn names(&self) -> [u8; NAMES] {
        let mut names = [0; NAMES];
        let numbers = [self.owner.number(), self.session.number(), self.rotation];
        for (place, number) in names.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        names
    }
}

/// Makes refresh tokens and knows its own. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Hmac<Sha256>);

impl Sealer {
    /// With this key.
    pub fn new(key: &[u8; SECRET]) -> Self {
        Self(keyed(key))
    }

    /// The first token of a session.
    pub const fn first(owner: UserId, session: SessionId, secret: [u8; SECRET]) -> RefreshToken {
        RefreshToken { owner, session, rotation: 0, secret }
    }

    /// The token that follows, always the same one.
    pub fn successor(&self, token: &RefreshToken) -> RefreshToken {
        let rotation = token.rotation + 1;
        RefreshToken { rotation, secret: self.mac(b"next", token), ..token.clone() }
    }

    /// The token as its client keeps it.
    pub fn write(&self, token: &RefreshToken) -> String {
        let parts = [&token.names()[..], &token.secret, &self.mac(b"seal", token)[..SEAL]];
        BASE64_URL_SAFE_NO_PAD.encode(parts.concat())
    }

    /// The token that somebody sent, if it was ever one of ours. Clients that write `Bearer` before it are understood.
    pub fn read(&self, text: &str) -> Option<RefreshToken> {
        let text = text.trim();
        let text = text.split_once(' ').map_or(text, |(scheme, rest)| {
            if scheme.eq_ignore_ascii_case("bearer") { rest.trim() } else { text }
        });
        let bytes =
            BASE64_URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == NAMES + SECRET + SEAL)?;
        let number = |at: usize| Some(i64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let token = RefreshToken {
            owner: Id::new(number(0)?).ok()?,
            session: Id::new(number(8)?).ok()?,
            rotation: number(16)?,
            secret: bytes.get(NAMES..NAMES + SECRET)?.try_into().ok()?,
        };
        let sealed = self.begun(b"seal", &token).verify_truncated_left(&bytes[NAMES + SECRET..]);
        sealed.ok().map(|()| token)
    }

    fn mac(&self, purpose: &[u8], token: &RefreshToken) -> [u8; SECRET] {
        self.begun(purpose, token).finalize().into_bytes().into()
    }

    fn begun(&self, purpose: &[u8], token: &RefreshToken) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(purpose);
        mac.update(&token.names());
        mac.update(&token.secret);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> (Sealer, RefreshToken) {
        let token = Sealer::first(UserId::trusted(7), SessionId::trusted(9), [3; SECRET]);
        (Sealer::new(&[1; SECRET]), token)
    }

    #[test]
    fn a_token_is_read_as_it_was_written_also_with_bearer_before_it() {
        let (sealer, token) = token();
        let text = sealer.write(&token);
        for sent in [text.clone(), format!("Bearer {text}"), format!(" bearer  {text} ")] {
            assert!(sealer.read(&sent).as_ref() == Some(&token), "{sent}");
        }
    }

    #[test]
    fn a_successor_is_always_the_same_and_unlike_its_parent() {
        let (sealer, token) = token();
        let next = sealer.successor(&token);
        assert!(next == sealer.successor(&token));
        assert_ne!(next.hash(), token.hash());
        assert_eq!((next.rotation, next.session), (1, token.session));
    }

    #[test]
    fn no_bit_can_be_changed_and_no_other_key_makes_ours() {
        let (sealer, token) = token();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealer.write(&token)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(sealer.read(&BASE64_URL_SAFE_NO_PAD.encode(changed)).is_none(), "bit {bit}");
        }
        assert!(sealer.read(&Sealer::new(&[2; SECRET]).write(&token)).is_none());
        for garbage in ["", "Bearer", "Bearer null", "é", &"A".repeat(10_000)] {
            assert!(sealer.read(garbage).is_none());
        }
    }
}
