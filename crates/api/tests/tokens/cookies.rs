//! The same tokens in the cookie `sso-token`: what is refused as bearer opens nothing there either.

use std::time::Duration;

use api::edge::{Before, Cookies, Edge, Limits, Needs, Renewal, Side};
use api::metrics::Metrics;
use api::{Failure, Signed};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tower::ServiceExt;

use super::workshop::{KID, Workshop, encoded, header, public, signed, stranger, unsigned};

/// Renews nothing, so that only the cookie counts.
struct Never;

#[async_trait]
impl Renewal for Never {
    async fn renew(&self, _: &str) -> types::Result<Option<String>> {
        Ok(None)
    }
}

/// A door that knows this workshop's keys, and tells who came in.
pub fn door(workshop: &Workshop) -> Router {
    let cookies = Cookies {
        origins: Vec::new(),
        lifetime: Duration::from_hours(1),
        renewal: Box::new(Never),
        public: |_| false,
    };
    let who = |Signed(caller): Signed| async move { Ok::<_, Failure>(caller.user.to_string()) };
    let edge = Edge::new(Needs {
        side: Side::Outer,
        before: Before::default(),
        verifier: workshop.verifier.clone(),
        limits: Limits::default(),
        metrics: Metrics::new(),
        seed: 1,
        cookies: Some(cookies),
        cors: None,
        group: |_, _| None,
        rates: None,
        stop: workshop.stop.clone(),
        between: None,
    });
    edge.around(Router::new().route("/who", get(who)).route("/news", get(super::streams::news)))
}

/// What the door says to somebody with these headers.
pub async fn status(door: &Router, headers: &[(&str, String)]) -> StatusCode {
    let request =
        headers.iter().fold(Request::get("/who"), |request, (name, value)| request.header(*name, value));
    door.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[test]
fn what_is_refused_as_bearer_is_refused_as_a_cookie() {
    testkit::run(async {
        let (workshop, thief) = (Workshop::new(), stranger(66));
        let (good, claims) = (workshop.token(), json!(workshop.claims()));
        let mut offer = header();
        offer["jwk"] = json!(public(KID, &thief));
        let hmac = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(workshop.key.verifying_key().as_bytes());
        let bad = [
            format!("{}.", unsigned(&json!({"alg": "none"}), &claims)),
            format!("{}.", unsigned(&header(), &claims)),
            jsonwebtoken::encode(&hmac, &workshop.claims(), &secret).unwrap(),
            signed(&thief, &offer, &claims),
            workshop.signed(&json!({"alg": "EdDSA", "kid": "../key"}), &claims),
            workshop.saying(|claims| claims["exp"] = json!(1)),
            workshop.saying(|claims| claims["nbf"] = json!(9_999_999_999_u64)),
            workshop.saying(|claims| claims["aud"] = json!("other")),
            workshop.saying(|claims| claims["iss"] = json!("other")),
            good[..good.len() - 1].to_owned(),
            format!("{}{}", &good[..good.len() - 86], encoded([0; 64])),
            format!("{good}A"),
            "null".to_owned(),
        ];
        let door = door(&workshop);
        let cookie = |token: &str| ("cookie", format!("theme=dark; sso-token={token}; other=1"));
        let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
        assert_eq!(status(&door, &[cookie(&good)]).await, StatusCode::OK);
        assert_eq!(status(&door, &[bearer(&good)]).await, StatusCode::OK);
        for token in bad {
            for headers in [
                &[cookie(&token)][..],
                &[bearer(&token)],
                &[cookie(&token), bearer(&token)],
                &[cookie(&token), ("cookie", "refresh_token=nonsense".to_owned())],
            ] {
                assert_eq!(status(&door, headers).await, StatusCode::UNAUTHORIZED, "{headers:?}");
            }
        }
        // A good cookie beside a bad bearer, and the other way round, still is somebody.
        assert_eq!(status(&door, &[cookie(&good), bearer("null")]).await, StatusCode::OK);
        assert_eq!(status(&door, &[cookie("null"), bearer(&good)]).await, StatusCode::OK);
    });
}
