//! Leaving for a provider and coming back, in the rooms `/auth/…` and `/api/auth/…`.

use api::{Failure, Problems, Query, Signed};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use types::{Error, Result};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Oauth;
use super::answers::{Asked, Named, NewPage, carried};
use super::arrival::Arrival;
use super::service::{Leaving, Outcome};
use super::texts::LINK_FROM_ELSEWHERE;
use crate::sessions::{Visit, Welcome};

/// The routes.
pub fn routes() -> OpenApiRouter<Oauth> {
    OpenApiRouter::new().nest("/auth", room()).nest("/api/auth", room())
}

/// What is to be found in both rooms.
fn room() -> OpenApiRouter<Oauth> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(come_back))
}

/// Leave for a provider to sign in there, or with `?link=true` to link it to your account
#[utoipa::path(get, path = "/oauth/{provider}", tag = "account", params(("provider" = String, Path), Wanted), responses((status = 303), (status = 200, body = NewPage), Problems))]
async fn begin(
    signed: Result<Signed, Failure>,
    State(oauth): State<Oauth>,
    Named(provider): Named,
    Query(wanted): Query<Wanted>,
    asked: Asked,
) -> Response {
    let left = leave(&oauth, signed, &provider, wanted, &asked).await;
    asked.leaves(&oauth, left)
}

/// Come back from a provider
#[utoipa::path(get, path = "/oauth/{provider}/callback", tag = "account", params(("provider" = String, Path), Arrival), responses((status = 303), (status = 200, body = Welcome), Problems))]
async fn come_back(
    signed: Result<Signed, Failure>,
    State(oauth): State<Oauth>,
    Named(provider): Named,
    Query(arrival): Query<Arrival>,
    (asked, visit, headers): (Asked, Visit, HeaderMap),
) -> Response {
    let arrived = arrive(&oauth, signed, &provider, &arrival.unwrapped(), &visit, &headers).await;
    asked.arrives(&oauth, &visit, arrived)
}

async fn leave(
    oauth: &Oauth,
    signed: Result<Signed, Failure>,
    provider: &str,
    wanted: Wanted,
    asked: &Asked,
) -> Result<Leaving, Failure> {
    let link = match wanted.link {
        // A page of somebody else's, and a provider where it has signed the person in as itself, would be enough to
        // get into the person's account.
        true if asked.from_elsewhere => return Err(Error::Forbidden(LINK_FROM_ELSEWHERE).into()),
        true => Some(signed?.0.user),
        false => None,
    };
    Ok(oauth.begin(provider, link, wanted.return_to).await?)
}

async fn arrive(
    oauth: &Oauth,
    signed: Result<Signed, Failure>,
    provider: &str,
    arrival: &Arrival,
    visit: &Visit,
    headers: &HeaderMap,
) -> Result<(Outcome, String)> {
    let dance = oauth.recognise(provider, carried(oauth, headers), arrival).await?;
    let caller = signed.ok().map(|Signed(caller)| caller.user);
    let outcome = oauth.finish(&dance, arrival, caller, &visit.client).await?;
    Ok((outcome, dance.return_to))
}

/// What a browser leaves for.
#[derive(Deserialize, IntoParams)]
struct Wanted {
    /// To link the provider to the account that is signed in.
    #[serde(default)]
    link: bool,
    /// Where to go afterwards: a path under `/app/`.
    return_to: Option<String>,
}
