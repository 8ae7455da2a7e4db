//! What needs a code, asked over its paths: the house itself has nothing to send codes with.

use api::edge::{Asked, Identity};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use testkit::on_every_engine;
use tower::ServiceExt;
use types::Caller;

use super::super::stage::{CODE, PASSWORD, SCHEMA, Stage, mail};
use crate::accounts::routes;

const NEW: &str = "another horse battery";

/// The status, and the body where there is one.
async fn post(stage: &Stage, who: Option<Caller>, path: &str, body: Value) -> (u16, Value) {
    let router: Router = routes().with_state(stage.accounts.clone()).into();
    let request =
        Request::post(path).header("content-type", "application/json").header("accept-language", "uk");
    let mut request = request.body(Body::from(body.to_string())).unwrap();
    if let Some(caller) = who {
        request.extensions_mut().insert(Asked::by(Identity::Caller(caller)));
    }
    let answer = router.oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

on_every_engine! { SCHEMA;
    async fn registering_with_a_code(test) {
        let stage = Stage::strict(&test.db);
        let new = |code: &str| json!({"email": "anna@example.org", "password": PASSWORD, "code": code});
        let code = (mail("anna@example.org"), crate::Reason::Register, true);
        stage.post.sent.lock().unwrap().push(code.clone());
        for path in ["/auth/register", "/api/auth/register", "/signup", "/register", "/api/v1/accounts"] {
            assert_eq!(post(&stage, None, path, new("000000")).await.0, 422, "{path}");
            let without = json!({"email": "anna@example.org", "password": PASSWORD});
            assert_eq!(post(&stage, None, path, without).await.0, 422, "{path}");
        }
        let (status, made) = post(&stage, None, "/auth/register", new(CODE)).await;
        assert_eq!((status, &made["email"]), (201, &json!("anna@example.org")));
        let anna = stage.recognise("anna@example.org").await.unwrap();
        assert!(anna.has_proved(&mail("anna@example.org")) && anna.language == types::Language::Uk);
        assert_eq!(post(&stage, None, "/auth/register", new("000000")).await.0, 422, "as it was before");
        stage.post.sent.lock().unwrap().push(code);
        assert_eq!(post(&stage, None, "/auth/register", new(CODE)).await.0, 409, "told to whoever has it alone");
        let by_name = json!({"user": "boris", "pass": PASSWORD});
        assert_eq!(post(&stage, None, "/register", by_name).await.0, 201, "a name needs no code");
    }

    async fn a_forgotten_password(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        stage.enter(&anna).await;
        for room in ["/auth", "/api/auth"] {
            let reset = format!("{room}/reset-password");
            let ask = |email: &str| json!({"email": email, "reason": "forgotten"});
            let known = post(&stage, None, &reset, ask("Anna@example.org")).await;
            assert_eq!(known, post(&stage, None, &reset, ask("nobody@example.org")).await);
            assert!(known.0 == 200 && known.1["otp_expires_at"].is_string(), "{known:?}");

            let confirm = format!("{room}/confirm-reset-password");
            let new = |email: &str, code: &str| json!({"email": email, "code": code, "new_password": NEW});
            for (email, code) in [("anna@example.org", "000000"), ("nobody@example.org", CODE)] {
                assert_eq!(post(&stage, None, &confirm, new(email, code)).await.0, 422, "{email}");
            }
            assert_eq!(post(&stage, None, &confirm, new("anna@example.org", CODE)).await.0, 200);
            assert!(stage.accounts.recognise("anna@example.org", NEW, "").await.unwrap().is_some());
            assert_eq!(stage.sessions_of(anna.id).await, []);
        }
    }

    async fn another_address_and_another_number(test) {
        let stage = Stage::new(&test.db);
        let anna = stage.sign_up("anna@example.org").await.unwrap();
        let caller = Some(stage.enter(&anna).await);
        for (path, field, said, kept) in [
            ("/api/v1/me/email", "email", "Anna@new.org", "anna@new.org"),
            ("/api/v1/me/phone", "phone_number", "+380 44 123 45 67", "+380441234567"),
        ] {
            let ask = |address: &str, password: &str| json!({"address": address, "password": password});
            let confirm = format!("{path}/confirm");
            assert_eq!(post(&stage, None, path, ask(said, PASSWORD)).await.0, 401);
            assert_eq!(post(&stage, caller, &confirm, json!({"code": CODE})).await.0, 409, "nobody asked");
            assert_eq!(post(&stage, caller, path, ask("nonsense", PASSWORD)).await.0, 422);
            assert_eq!(post(&stage, caller, path, ask(said, "wrong horse")).await.0, 422);
            let (status, sent) = post(&stage, caller, path, ask(said, PASSWORD)).await;
            assert!(status == 200 && sent["otp_expires_at"].is_string(), "{status} {sent}");
            assert_eq!(post(&stage, caller, &confirm, json!({"code": "000000"})).await.0, 422);
            let (status, me) = post(&stage, caller, &confirm, json!({"code": CODE})).await;
            assert_eq!((status, &me[field]), (200, &json!(kept)));
            let since = if field == "email" { "email_verified_at" } else { "phone_verified_at" };
            assert!(me[since].is_string(), "{me}");
        }
    }
}
