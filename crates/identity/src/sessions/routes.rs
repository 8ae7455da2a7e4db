//! `/api/v1/me/sessions`, and what processes that verify tokens ask for.

use api::{Ending, Failure, IfNoneMatch, LooseJson, PathId, Problems, PublicKey, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::{SessionId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Sessions;
use super::answers::{News, Place};
use super::presented::{Presented, Visit};
use super::published::Published;

/// The routes.
pub fn routes() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new()
        .routes(routes!(list, end_all))
        .routes(routes!(end))
        .routes(routes!(keys))
        .routes(routes!(ended))
        .routes(routes!(renew))
        .routes(routes!(seen))
}

/// Where you are signed in
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "account", responses((status = 200, body = Places), Problems))]
async fn list(Signed(caller): Signed, State(sessions): State<Sessions>) -> Result<Json<Places>, Failure> {
    let list = sessions.list(&caller, caller.user).await?;
    let items = list.into_iter().map(|session| Place::new(session, caller.session)).collect();
    Ok(Json(Places { items }))
}

/// End all sessions, or with `?others=true` all others
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "account", params(Others), responses((status = 204), Problems))]
async fn end_all(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
    Query(Others { others }): Query<Others>,
) -> Result<StatusCode, Failure> {
    sessions.end_many(&caller, caller.user, others).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "account", params(("id" = u64, Path)), responses((status = 204), Problems))]
async fn end(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
    PathId(session): PathId<SessionId>,
) -> Result<StatusCode, Failure> {
    sessions.end(&caller, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The keys that access tokens are verified with
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "account", params(IfNoneMatch), responses((status = 200, body = Keys), (status = 304)))]
async fn keys(State(sessions): State<Sessions>, known: IfNoneMatch) -> Published {
    Published::new(&Keys { keys: sessions.public_keys() }, &known)
}

/// Sessions that have ended, by number: whoever verifies tokens reads this list twice a second
#[utoipa::path(get, path = "/.well-known/ended-sessions", tag = "account", params(Since), responses((status = 200, body = News), Problems))]
async fn ended(State(sessions): State<Sessions>, Query(Since { since }): Query<Since>) -> Json<News> {
    let ended: Vec<Ending> = sessions.minting.verifier.ended().since(since.unwrap_or_default());
    Json(News { ended })
}

/// A fresh access token for a refresh token, which stays as it is
#[utoipa::path(post, path = "/auth/renew", tag = "account", request_body = Option<Presented>, responses((status = 200, body = Fresh), Problems))]
async fn renew(
    State(sessions): State<Sessions>,
    visit: Visit,
    body: Option<LooseJson<Presented>>,
) -> Result<Json<Fresh>, Failure> {
    let token = visit.refresh_token(body).map(|found| found.token).unwrap_or_default();
    Ok(Json(Fresh { access_token: sessions.renew(&token).await? }))
}

/// Access tokens that were shown to a gateway for the first time
#[utoipa::path(post, path = "/auth/seen", tag = "account", request_body = Seen, responses((status = 204), Problems))]
async fn seen(
    State(sessions): State<Sessions>,
    LooseJson(Seen { tokens }): LooseJson<Seen>,
) -> Result<StatusCode, Failure> {
    sessions.seen_tokens(&tokens).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the session that asks is spared.
#[derive(Deserialize, IntoParams)]
struct Others {
    #[serde(default)]
    others: bool,
}

/// From when on.
#[derive(Deserialize, IntoParams)]
struct Since {
    #[param(value_type = Option<String>)]
    since: Option<Timestamp>,
}

/// Where a person is signed in.
#[derive(Serialize, ToSchema)]
struct Places {
    items: Vec<Place>,
}

/// An access token; none when the refresh token is good for nothing.
#[derive(Serialize, ToSchema)]
struct Fresh {
    access_token: Option<String>,
}

/// Access tokens.
#[derive(Deserialize, ToSchema)]
struct Seen {
    tokens: Vec<String>,
}

/// A set of JSON Web Keys.
#[derive(Serialize, ToSchema)]
struct Keys {
    keys: Vec<PublicKey>,
}
