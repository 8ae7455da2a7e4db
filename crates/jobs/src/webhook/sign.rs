//! Signatures as Standard Webhooks has them: `v1,` and the HMAC-SHA256 of `id.timestamp.body`.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use types::{Phrase, Text, Timestamp};

/// What a secret begins with where it is written.
const PREFIX: &str = "whsec_";
/// Bytes that a secret may have.
const LEAST: usize = 24;
const MOST: usize = 64;
/// A message of another time than now may be somebody's who has overheard it.
const TOLERANCE: Duration = Duration::from_mins(5);

const BAD_SECRET: Text = Text {
    code: "bad_webhook_secret",
    en: "a secret is whsec_ and 24 to 64 bytes in Base64",
    uk: "секрет — це whsec_ і від 24 до 64 байтів у Base64",
    ru: "секрет — это whsec_ и от 24 до 64 байтов в Base64",
};

/// What both sides know.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Of these bytes, which nobody can guess.
    pub fn of(random: [u8; 32]) -> Self {
        Self(random.to_vec())
    }

    /// As it is written: `whsec_…`.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| BASE64_STANDARD.decode(text).ok());
        let bytes = bytes.filter(|bytes| (LEAST..=MOST).contains(&bytes.len()));
        bytes.map(Self).ok_or_else(|| BAD_SECRET.into())
    }

    /// As it is written, for its owner.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(&self.0))
    }

    /// HMAC takes keys of any length, so there always is one.
    fn seal(&self, id: &str, seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut seal = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        seal.update(format!("{id}.{seconds}.").as_bytes());
        seal.update(body);
        Some(seal)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The header `webhook-signature`: one for each secret, so that a receiver may know the old one or the new one while they
/// change.
pub fn sign(id: &str, at: Timestamp, body: &[u8], secrets: &[Secret]) -> String {
    let seals = secrets.iter().filter_map(|secret| secret.seal(id, at.seconds(), body));
    let signatures = seals.map(|seal| format!("v1,{}", BASE64_STANDARD.encode(seal.finalize().into_bytes())));
    signatures.collect::<Vec<_>>().join(" ")
}

/// Whether whoever sent this knows the secret, and has sent it now. Takes as long for a signature that is nearly right.
pub fn verify(
    secret: &Secret,
    (id, timestamp, signatures): (&str, &str, &str),
    body: &[u8],
    now: Timestamp,
) -> bool {
    let Ok(seconds) = timestamp.parse::<i64>() else { return false };
    let apart = now.seconds().abs_diff(seconds);
    let of_ours = |signature: &str| {
        let given = signature.strip_prefix("v1,").and_then(|text| BASE64_STANDARD.decode(text).ok());
        let seal = secret.seal(id, seconds, body);
        given.zip(seal).is_some_and(|(given, seal)| seal.verify_slice(&given).is_ok())
    };
    apart <= TOLERANCE.as_secs() && signatures.split(' ').any(of_ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_message_is_signed_as_the_libraries_of_standard_webhooks_sign_it() {
        let secret = Secret::parse(SECRET).unwrap();
        let signature = sign(ID, at(1_614_265_330), BODY, std::slice::from_ref(&secret));
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!((secret.reveal().as_str(), format!("{secret:?}").as_str()), (SECRET, "Secret"));
    }

    #[test]
    fn either_secret_proves_it_while_they_change_and_no_other() {
        let [old, new, other] = [1, 2, 3].map(|byte| Secret::of([byte; 32]));
        let now = at(1_795_253_400);
        let signatures = sign(ID, now, BODY, &[new.clone(), old.clone()]);
        assert_eq!(signatures.split(' ').count(), 2);
        let proves = |secret, id, signatures: &str| verify(secret, (id, "1795253400", signatures), BODY, now);
        assert!(proves(&old, ID, &signatures) && proves(&new, ID, &signatures));
        assert!(!proves(&other, ID, &signatures) && !proves(&old, "msg_other", &signatures));
        assert!(!verify(&old, (ID, "1795253400", &signatures), b"{}", now));
        for bad in ["", "v1", "v1,", "v1,AAAA", "v1a,AAAA", &signatures.replace("v1", "v2"), "v1,\u{e4}"] {
            assert!(!proves(&old, ID, bad), "{bad:?}");
        }
    }

    #[test]
    fn a_message_that_was_overheard_is_of_no_use_later() {
        let secret = Secret::of([7; 32]);
        let signature = sign(ID, at(1_000_000), BODY, std::slice::from_ref(&secret));
        let holds = |now, timestamp| verify(&secret, (ID, timestamp, &signature), BODY, at(now));
        assert!(holds(1_000_300, "1000000") && holds(999_700, "1000000"));
        assert!(!holds(1_000_301, "1000000") && !holds(999_699, "1000000"));
        assert!(!holds(1_000_000, "1000001") && !holds(1_000_000, "soon") && !holds(1_000_000, ""));
    }

    #[test]
    fn a_secret_has_enough_bytes_and_not_too_many() {
        for length in [24, 64] {
            let text = format!("{PREFIX}{}", BASE64_STANDARD.encode(vec![1; length]));
            assert_eq!(Secret::parse(&text).unwrap().reveal(), text);
        }
        for length in [0, 23, 65] {
            let text = format!("{PREFIX}{}", BASE64_STANDARD.encode(vec![1; length]));
            assert_eq!(Secret::parse(&text).unwrap_err().text.code, "bad_webhook_secret", "{length}");
        }
        for bad in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(Secret::parse(bad).is_err(), "{bad:?}");
        }
    }
}
