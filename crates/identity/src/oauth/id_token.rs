//! Reading an id token: signed by a key of its issuer, meant for us, now, and for this very dance.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use types::Timestamp;

use super::discovery::is_named;
use super::profile::{Flag, Profile};

/// A longer one is nobody's.
const LONGEST: usize = 16 << 10;
/// What clocks may be apart.
const LEEWAY_SECONDS: i64 = 60;

/// What an id token must be.
pub struct Expected<'e> {
    /// Whether that is its issuer.
    pub is_issuer: &'e (dyn Fn(&str) -> bool + Sync),
    /// Whether the issuer says that it signs so.
    pub signs_with: &'e (dyn Fn(&str) -> bool + Sync),
    /// Whom it is for.
    pub client_id: &'e str,
    /// For which dance.
    pub nonce: &'e str,
    /// When it is looked at.
    pub now: Timestamp,
}

/// What is wrong with one, for the log.
pub type Wrong = &'static str;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: Flag,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// The name of the key that signed it, as far as it says so; none is read from a token signed in a way that proves
/// nothing, or that needs a secret where there is none.
pub fn key_name(token: &str) -> Result<Option<String>, Wrong> {
    if token.len() > LONGEST {
        return Err("it is too long");
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| "its header cannot be read")?;
    algorithm_name(header.alg).map(|_| header.kid)
}

/// Whom it vouches for.
pub fn verified(token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Profile, Wrong> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| "its header cannot be read")?;
    if !(expected.signs_with)(algorithm_name(header.alg)?) {
        return Err("its issuer does not sign so");
    }
    let fits =
        |key: &&Jwk| fits(key, header.alg) && header.kid.as_deref().is_none_or(|kid| is_named(key, kid));
    let mut fitting = keys.iter().filter(fits);
    let (Some(key), None) = (fitting.next(), fitting.next()) else {
        return Err("no one key of its issuer can have signed it");
    };
    let key = DecodingKey::from_jwk(key).map_err(|_| "its issuer's key cannot be read")?;
    let mut rules = Validation::new(header.alg);
    // All of this is looked at below, by the house's clock and with a word about what is wrong.
    (rules.validate_exp, rules.validate_nbf, rules.validate_aud) = (false, false, false);
    rules.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules);
    let claims = claims.map_err(|_| "its signature is wrong, or something is not in it")?.claims;
    claims.check(expected)?;
    let Claims { sub, email, email_verified: Flag(email_verified), name, .. } = claims;
    Ok(Profile { subject: sub, email, email_verified, name })
}

impl Claims {
    fn check(&self, expected: &Expected<'_>) -> Result<(), Wrong> {
        let now = expected.now.seconds();
        let audience = self.aud.list();
        let is_ours = |party: &String| party == expected.client_id;
        let checks = [
            ((expected.is_issuer)(&self.iss), "it is from another issuer"),
            (audience.iter().any(is_ours), "it is for somebody else"),
            (audience.len() == 1 || self.azp.is_some(), "it is for several, and does not say who asked"),
            (self.azp.as_ref().is_none_or(is_ours), "somebody else asked for it"),
            (self.exp + LEEWAY_SECONDS > now, "its time is over"),
            (self.iat <= now + LEEWAY_SECONDS, "it was made in the future"),
            (self.nbf.is_none_or(|nbf| nbf <= now + LEEWAY_SECONDS), "its time has not come"),
            (self.nonce.as_deref() == Some(expected.nonce), "it is the answer to another question"),
        ];
        checks.into_iter().find(|(good, _)| !good).map_or(Ok(()), |(_, wrong)| Err(wrong))
    }
}

/// The names of the signatures that are taken. Only those that a public key verifies: whoever takes a shared secret
/// here can be given a public key as one.
const fn algorithm_name(algorithm: Algorithm) -> Result<&'static str, Wrong> {
    match algorithm {
        Algorithm::RS256 => Ok("RS256"),
        Algorithm::ES256 => Ok("ES256"),
        Algorithm::EdDSA => Ok("EdDSA"),
        _ => Err("it is signed in a way that is not taken"),
    }
}

/// Whether the key is of the kind that makes such signatures, whatever a token says of itself.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let says = key.common.key_algorithm.is_none_or(|says| {
        use KeyAlgorithm::{ES256, EdDSA, RS256};
        matches!(
            (says, algorithm),
            (RS256, Algorithm::RS256) | (ES256, Algorithm::ES256) | (EdDSA, Algorithm::EdDSA)
        )
    });
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(it), Algorithm::ES256) => it.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(it), Algorithm::EdDSA) => it.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    says && kind
}
