//! Id tokens, the keys that they are signed with, and what a provider says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::desk::{Desk, Given};
use super::{Brand, CLIENT_ID, Twist};

const RSA: &[u8] = include_bytes!("testdata/first.der");
const RSA_MODULUS: &str = include_str!("testdata/first.n");
const OTHER_RSA: &[u8] = include_bytes!("testdata/other.der");
const CURVE: &[u8] = include_bytes!("testdata/curve.der");
const CURVE_X: &str = include_str!("testdata/curve.x");
const CURVE_Y: &str = include_str!("testdata/curve.y");

pub async fn discovery(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.count("discovery");
    let at = |path: &str| format!("{}{path}", desk.url);
    let issuer = if desk.does(Twist::ForeignDiscovery) { "https://other.example" } else { &desk.url };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/profile"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "authorization_response_iss_parameter_supported": desk.brand == Brand::Oidc,
    }))
}

/// Among the keys are one of a kind that nobody knows, and one that signs nothing.
pub async fn keys(State(desk): State<Arc<Desk>>) -> Json<Value> {
    desk.count("keys");
    let edwards = BASE64_URL_SAFE_NO_PAD.encode(edwards().verifying_key().as_bytes());
    Json(json!({"keys": [
        {"kty": "moon", "kid": "moon", "use": "sig"},
        {"kty": "RSA", "kid": "seals", "use": "enc", "n": RSA_MODULUS, "e": "AQAB"},
        {"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": RSA_MODULUS, "e": "AQAB"},
        {"kty": "EC", "kid": "curve", "use": "sig", "alg": "ES256", "crv": "P-256", "x": CURVE_X, "y": CURVE_Y},
        {"kty": "OKP", "kid": "edwards", "use": "sig", "alg": "EdDSA", "crv": "Ed25519", "x": edwards},
    ]}))
}

/// The id token for what was given, with whatever is to be wrong with it.
pub fn signed(desk: &Desk, given: &Given) -> String {
    let claims = claims(desk, given);
    let (algorithm, kid, key) = match desk.brand {
        _ if desk.does(Twist::AlgNone) => return unsigned(&claims),
        _ if desk.does(Twist::AlgHs256) => {
            let public = BASE64_URL_SAFE_NO_PAD.decode(RSA_MODULUS).expect("the modulus");
            (Algorithm::HS256, "rsa", EncodingKey::from_secret(&public))
        }
        _ if desk.does(Twist::OtherKey) => (Algorithm::RS256, "rsa", EncodingKey::from_rsa_der(OTHER_RSA)),
        _ if desk.does(Twist::UnknownKey) => (Algorithm::RS256, "unknown", EncodingKey::from_rsa_der(RSA)),
        _ if desk.does(Twist::SignsEd25519) => {
            let der = edwards().to_pkcs8_der().expect("a key");
            (Algorithm::EdDSA, "edwards", EncodingKey::from_ed_der(der.as_bytes()))
        }
        Brand::Google => (Algorithm::RS256, "rsa", EncodingKey::from_rsa_der(RSA)),
        _ => (Algorithm::ES256, "curve", EncodingKey::from_ec_der(CURVE)),
    };
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &claims, &key).expect("a token")
}

fn claims(desk: &Desk, given: &Given) -> Value {
    let now = desk.now();
    let issuer = match () {
        () if desk.does(Twist::WrongIssuer) => "https://other.example",
        () if desk.does(Twist::PlainIssuer) => "accounts.google.com",
        () => &desk.url,
    };
    let audience = match () {
        () if desk.does(Twist::WrongAudience) => json!("another-client"),
        () if desk.does(Twist::TwoAudiences) => json!([CLIENT_ID, "another-client"]),
        () => json!(CLIENT_ID),
    };
    let expired = i64::from(desk.does(Twist::Expired)) * 7_200;
    let early = i64::from(desk.does(Twist::FromTheFuture)) * 7_200;
    let mut claims = json!({
        "iss": issuer,
        "sub": given.person.subject,
        "aud": audience,
        "iat": now - expired + early,
        "exp": now - expired + early + 3_600,
        "email": given.person.email,
        "email_verified": given.person.email_verified,
        "name": given.person.name,
    });
    if desk.does(Twist::WrongParty) {
        claims["azp"] = "another-client".into();
    }
    if !desk.does(Twist::NoNonce) {
        let nonce = given.nonce.clone().filter(|_| !desk.does(Twist::WrongNonce));
        claims["nonce"] = nonce.unwrap_or_else(|| "another".to_owned()).into();
    }
    claims
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}

fn edwards() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}
