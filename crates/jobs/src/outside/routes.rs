//! `/api/v1/work`: the door for workers outside.

use api::{Failure, Json, PathId, Problem, Problems, Signed};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use types::JobId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Beat, Claim, Claimed, Complete, Fail, Heartbeat, Standing};
use super::service::Outside;
use super::waiting;

/// The routes.
pub fn routes() -> OpenApiRouter<Outside> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(claim))
        .routes(routes!(heartbeat))
        .routes(routes!(complete))
        .routes(routes!(fail))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Take jobs of kind `external` of yours, to be done by a program of yours
///
/// With `wait_seconds` the answer begins at once and ends when there are jobs, or when that time is over.
#[utoipa::path(post, path = "/api/v1/work/claim", tag = "jobs", request_body = Claim, responses((status = 200, body = Claimed), Problems))]
async fn claim(
    Signed(caller): Signed,
    State(outside): State<Outside>,
    Json(claim): Json<Claim>,
) -> Result<Response, Failure> {
    let (wanted, longest) = claim.checked()?;
    let taken = outside.claim(&caller, &wanted).await?;
    // Where too many wait already, one more comes again.
    if taken.is_empty()
        && !longest.is_zero()
        && let Some(place) = outside.place()
    {
        return Ok(waiting::answer(outside, caller, (wanted, longest), place));
    }
    Ok(axum::Json(Claimed::from(taken)).into_response())
}

/// Say that you are still at it, and hear whether it was called off
#[utoipa::path(post, path = "/api/v1/work/{id}/heartbeat", tag = "jobs", params(("id" = u64, Path)), request_body = Heartbeat, responses((status = 200, body = Beat), Problems))]
async fn heartbeat(
    Signed(caller): Signed,
    State(outside): State<Outside>,
    PathId(id): PathId<JobId>,
    Json(heartbeat): Json<Heartbeat>,
) -> Result<axum::Json<Beat>, Failure> {
    let (ticket, lease, progress) = heartbeat.checked()?;
    let (lease_until, cancelled) = outside.beat(&caller, id, ticket, (lease, progress.as_deref())).await?;
    Ok(axum::Json(Beat { lease_until, cancelled }))
}

/// Say that a job is done, and what came of it; said twice, it counts once
#[utoipa::path(post, path = "/api/v1/work/{id}/complete", tag = "jobs", params(("id" = u64, Path)), request_body = Complete, responses((status = 200, body = Standing), Problems))]
async fn complete(
    Signed(caller): Signed,
    State(outside): State<Outside>,
    PathId(id): PathId<JobId>,
    Json(complete): Json<Complete>,
) -> Result<axum::Json<Standing>, Failure> {
    let (ticket, result) = complete.checked()?;
    Ok(axum::Json(outside.complete(&caller, id, ticket, &result).await?.into()))
}

/// Say that a job failed, and whether it may be tried again; said twice, it counts once
#[utoipa::path(post, path = "/api/v1/work/{id}/fail", tag = "jobs", params(("id" = u64, Path)), request_body = Fail, responses((status = 200, body = Standing), Problems))]
async fn fail(
    Signed(caller): Signed,
    State(outside): State<Outside>,
    PathId(id): PathId<JobId>,
    Json(fail): Json<Fail>,
) -> Result<axum::Json<Standing>, Failure> {
    let (ticket, failing) = fail.checked()?;
    Ok(axum::Json(outside.fail(&caller, id, ticket, &failing).await?.into()))
}
