//! Signing in, as the older clients do: `/login` and `/auth/login`, with one answer for all of them.

use api::serve::Peer;
use api::{Failure, LooseJson, Problems};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use types::{Role, UserId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::SignedIn;
use super::{Client, Sessions};

/// The routes.
pub fn routes() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(auth_login))
}

/// Sign in
#[utoipa::path(post, path = "/login", tag = "account", request_body = Credentials, responses((status = 200, body = Welcome), Problems))]
async fn login(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    LooseJson(credentials): LooseJson<Credentials>,
) -> Result<Json<Welcome>, Failure> {
    let client = client(&headers, peer);
    Ok(Json(sessions.sign_in(&credentials.email, credentials.password, &client).await?.into()))
}

/// Sign in
#[utoipa::path(post, path = "/auth/login", tag = "account", request_body = Credentials, responses((status = 200, body = Welcome), Problems))]
async fn auth_login(
    sessions: State<Sessions>,
    headers: HeaderMap,
    peer: Option<Extension<Peer>>,
    credentials: LooseJson<Credentials>,
) -> Result<Json<Welcome>, Failure> {
    login(sessions, headers, peer, credentials).await
}

fn client(headers: &HeaderMap, peer: Option<Extension<Peer>>) -> Client {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let address = peer.map(|Extension(Peer(address))| address.ip().to_string()).unwrap_or_default();
    Client { agent: agent.to_owned(), address }
}

/// An address and a password.
#[derive(Deserialize, ToSchema)]
struct Credentials {
    email: String,
    password: String,
}

/// One answer for the clients of every document.
#[derive(Serialize, ToSchema)]
struct Welcome {
    access_token: String,
    /// The access token again, for clients that read it here.
    token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    user: User,
    #[schema(value_type = u64)]
    id: UserId,
    name: String,
    #[schema(value_type = String)]
    role_name: Role,
}

/// Who signed in.
#[derive(Serialize, ToSchema)]
struct User {
    #[schema(value_type = u64)]
    id: UserId,
    email: String,
}

impl From<SignedIn> for Welcome {
    fn from(signed_in: SignedIn) -> Self {
        let SignedIn { account, access_token, lifetime } = signed_in;
        Self {
            token: access_token.clone(),
            access_token,
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
            user: User { id: account.id, email: account.email },
            id: account.id,
            name: account.name,
            role_name: account.role,
        }
    }
}
