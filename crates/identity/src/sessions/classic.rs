//! Signing in and out, as the older clients do: the rooms `/auth/…` and `/api/auth/…`, and the root paths.

use api::{Failure, LooseJson, PathId, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use types::{Result, SessionId, UserId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Sessions;
use super::answers::{Pair, Place, Refused, Shown, Welcome};
use super::credentials::{Coded, Credentials};
use super::presented::{Presented, Visit};
use crate::done::Done;

/// The routes.
pub fn routes() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(cookie_login))
        .nest("/auth", room())
        .nest("/api/auth", room())
}

/// What is to be found in both rooms.
fn room() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new()
        .routes(routes!(room_login))
        .routes(routes!(login_by_code))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(hello))
        .routes(routes!(sessions))
        .routes(routes!(sessions_of, end))
}

/// Sign in
#[utoipa::path(post, path = "/login", tag = "account", request_body = Credentials, responses((status = 200, body = Welcome), Problems))]
async fn login(
    State(sessions): State<Sessions>,
    visit: Visit,
    LooseJson(credentials): LooseJson<Credentials>,
) -> Result<(HeaderMap, Json<Welcome>), Failure> {
    enter(&sessions, &visit, credentials, Shown::All).await
}

/// Sign in
#[utoipa::path(post, path = "/login", tag = "account", request_body = Credentials, responses((status = 200, body = Welcome), Problems))]
async fn room_login(
    State(sessions): State<Sessions>,
    visit: Visit,
    LooseJson(credentials): LooseJson<Credentials>,
) -> Result<(HeaderMap, Json<Welcome>), Failure> {
    enter(&sessions, &visit, credentials, Shown::Usual).await
}

/// Sign in, and carry the access token as a cookie
#[utoipa::path(post, path = "/auth", tag = "account", request_body = Credentials, responses((status = 200, body = Welcome), Problems))]
async fn cookie_login(
    State(sessions): State<Sessions>,
    visit: Visit,
    LooseJson(credentials): LooseJson<Credentials>,
) -> Result<(HeaderMap, Json<Welcome>), Failure> {
    enter(&sessions, &visit, credentials, Shown::Access).await
}

/// Sign in with a code that was sent to you
#[utoipa::path(post, path = "/login-code", tag = "account", request_body = Coded, responses((status = 200, body = Welcome), Problems))]
async fn login_by_code(
    State(sessions): State<Sessions>,
    visit: Visit,
    LooseJson(coded): LooseJson<Coded>,
) -> Result<(HeaderMap, Json<Welcome>), Failure> {
    let (target, code) = coded.taken()?;
    let (account, tokens) = sessions.sign_in_by_code(&target, &code, &visit.client).await?;
    Ok(sessions.welcome(&visit, account, &tokens, Shown::Usual))
}

async fn enter(
    sessions: &Sessions,
    visit: &Visit,
    credentials: Credentials,
    shown: Shown,
) -> Result<(HeaderMap, Json<Welcome>), Failure> {
    let (identifier, password) = credentials.taken()?;
    let (account, tokens) = sessions.sign_in(&identifier, password, &visit.client).await?;
    Ok(sessions.welcome(visit, account, &tokens, shown))
}

/// Get the next pair of tokens
#[utoipa::path(post, path = "/refresh", tag = "account", request_body = Option<Presented>, responses((status = 200, body = Pair), Problems))]
async fn refresh(
    State(sessions): State<Sessions>,
    visit: Visit,
    body: Option<LooseJson<Presented>>,
) -> Result<(HeaderMap, Json<Pair>), Refused> {
    let found = visit.refresh_token(body);
    let (token, by_cookie) = found.map_or_else(Default::default, |found| (found.token, found.by_cookie));
    match sessions.refresh(&token, &visit.client).await {
        Ok(tokens) => Ok(sessions.renewed(&visit, &tokens, !(by_cookie && visit.from_page))),
        Err(error) => Err(sessions.refusal(&visit, error)),
    }
}

/// Sign out
#[utoipa::path(post, path = "/logout", tag = "account", params(All), request_body = Option<Presented>, responses((status = 200, body = Done), Problems))]
async fn logout(
    signed: Result<Signed, Failure>,
    State(sessions): State<Sessions>,
    Query(All { all }): Query<All>,
    visit: Visit,
    body: Option<LooseJson<Presented>>,
) -> Result<(HeaderMap, Json<Done>), Refused> {
    let caller = signed.ok().map(|Signed(caller)| caller);
    let token = visit.refresh_token(body).map(|found| found.token);
    match sessions.sign_out(caller, token.as_deref(), all).await {
        Ok(()) => Ok((sessions.forgotten(&visit), Json(Done::new("Signed out")))),
        Err(error) => Err(sessions.refusal(&visit, error)),
    }
}

/// Who am I
#[utoipa::path(get, path = "/hello", tag = "account", responses((status = 200, body = crate::accounts::Me), Problems))]
async fn hello(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
) -> Result<Json<crate::accounts::Me>, Failure> {
    Ok(Json(sessions.accounts.find(caller.user).await?.into()))
}

/// Where you are signed in
#[utoipa::path(get, path = "/sessions", tag = "account", responses((status = 200, body = [Place]), Problems))]
async fn sessions(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
) -> Result<Json<Vec<Place>>, Failure> {
    let list = sessions.list(&caller, caller.user).await?;
    Ok(Json(list.into_iter().map(|session| Place::new(session, caller.session)).collect()))
}

/// Where somebody is signed in
#[utoipa::path(get, path = "/sessions/{id}", tag = "account", params(("id" = u64, Path)), responses((status = 200, body = [Place]), Problems))]
async fn sessions_of(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
    PathId(user): PathId<UserId>,
) -> Result<Json<Vec<Place>>, Failure> {
    let list = sessions.list(&caller, user).await?;
    Ok(Json(list.into_iter().map(|session| Place::new(session, caller.session)).collect()))
}

/// End a session
#[utoipa::path(delete, path = "/sessions/{id}", tag = "account", params(("id" = u64, Path)), responses((status = 200, body = Done), Problems))]
async fn end(
    Signed(caller): Signed,
    State(sessions): State<Sessions>,
    PathId(session): PathId<SessionId>,
) -> Result<Json<Done>, Failure> {
    sessions.end(&caller, session).await?;
    Ok(Json(Done::new("The session has ended")))
}

/// Whether all sessions are meant.
#[derive(Deserialize, IntoParams)]
struct All {
    #[serde(default)]
    all: bool,
}
