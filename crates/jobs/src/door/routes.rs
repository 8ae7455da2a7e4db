//! `/api/v1/jobs`.

use api::idempotency::{Key, Keyed, Once};
use api::{Failure, Page, PathId, Problem, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use types::JobId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Job, Listing, NewJob};
use super::service::{Jobs, Put};

/// The routes.
pub fn routes() -> OpenApiRouter<Jobs> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(create, list))
        .routes(routes!(find))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Have something done later
#[utoipa::path(post, path = "/api/v1/jobs", tag = "jobs", params(Key), request_body = NewJob, responses((status = 202, body = Job, headers(("Location" = String))), (status = 200, body = Job), Problems))]
async fn create(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    Keyed(new, key): Keyed<NewJob>,
) -> Result<Once<Response>, Failure> {
    Ok(jobs.create(&caller, new.into(), key.as_ref()).await?.map(answer))
}

/// Your jobs, newest first
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(Listing), responses((status = 200, body = Page<Job>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<Job>>, Failure> {
    let filter = listing.asked(jobs.kinds())?;
    let found = jobs.list(&caller, &filter).await?;
    Ok(Json(Page::of(found, filter.limit - 1, |job| job.id)))
}

/// One of your jobs
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Job), Problems))]
async fn find(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Job>, Failure> {
    Ok(Json(jobs.find(&caller, id).await?.into()))
}

/// Call a job off; one at work is let go of a moment later
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Job), Problems))]
async fn cancel(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Job>, Failure> {
    Ok(Json(jobs.cancel(&caller, id).await?.into()))
}

/// Have a job tried again that is dead or was called off
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Job), Problems))]
async fn retry(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Job>, Failure> {
    Ok(Json(jobs.retry(&caller, id).await?.into()))
}

/// 202 for a job that was put in the queue, 200 for the open one that has its key.
fn answer(put: Put) -> Response {
    let (status, job) = match put {
        Put::New(job) => (StatusCode::ACCEPTED, job),
        Put::Open(job) => (StatusCode::OK, job),
    };
    let at = HeaderValue::try_from(format!("/api/v1/jobs/{}", job.id));
    (status, at.ok().map(|at| [(LOCATION, at)]), Json(Job::from(job))).into_response()
}
