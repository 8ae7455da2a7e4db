//! `/api/v1/jobs`.

use api::idempotency::{Key, KeyedEach, Once};
use api::{Failure, IfNoneMatch, Json, OneOrMany, Page, PathId, Problem, Problems, Query, Signed, Tagged};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use types::JobId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Answer, AtAGlance, Explained, Job, Listing, NewJob, NewTries, Results, Tries, Whole};
use super::service::{Jobs, Put};
use super::watch::Watching;
use super::{Desk, live};

/// Where all of them are.
pub const JOBS: &str = "/api/v1/jobs";

/// The routes.
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(create, list))
        .routes(routes!(glance))
        .routes(routes!(retry_many))
        .routes(routes!(find))
        .routes(routes!(explain))
        .routes(routes!(cancel))
        .routes(routes!(retry))
        .routes(routes!(listen))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Have something done later, or up to 10,000 things
///
/// One job is answered 202, or 200 with the open one that has its `key`. Of many each has a status of its own in the answer,
/// and what is wrong with one does not keep the others from being done. Such a body may have 16 MiB.
#[utoipa::path(post, path = "/api/v1/jobs", tag = "jobs", params(Key), request_body = OneOrMany<NewJob>, responses((status = 202, body = Answer, headers(("Location" = String))), (status = 200, body = Job), Problems))]
async fn create(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    headers: HeaderMap,
    KeyedEach(new, key): KeyedEach<NewJob>,
) -> Result<Once<Response>, Failure> {
    match new {
        OneOrMany::One(new) => Ok(jobs.create(&caller, new.into(), key.as_ref()).await?.map(answer)),
        OneOrMany::Many(new) => {
            let wanted = new.into_iter().map(Into::into).collect();
            let made = jobs.create_many(&caller, wanted, key.as_ref()).await?;
            let language = api::edge::language(&headers);
            let results = |each| axum::Json(Answer::Many(Results::of(each, language)));
            Ok(made.map(|each| (StatusCode::ACCEPTED, results(each)).into_response()))
        }
    }
}

/// Your jobs, newest first, without their payloads and results
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(Listing), responses((status = 200, body = Page<Job>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    Query(listing): Query<Listing>,
) -> Result<axum::Json<Page<Job>>, Failure> {
    let filter = listing.asked(jobs.kinds())?;
    let found = jobs.list(&caller, &filter).await?;
    Ok(axum::Json(Page::of(found, filter.limit - 1, |job| job.id)))
}

/// How your jobs are doing
#[utoipa::path(get, path = "/api/v1/jobs/summary", tag = "jobs", responses((status = 200, body = AtAGlance), Problems))]
async fn glance(Signed(caller): Signed, State(jobs): State<Jobs>) -> Result<axum::Json<AtAGlance>, Failure> {
    Ok(axum::Json(jobs.glance(&caller).await?.into()))
}

/// Have many jobs tried again that are dead or were called off, up to 1,000 in a call
#[utoipa::path(post, path = "/api/v1/jobs/retry", tag = "jobs", request_body = NewTries, responses((status = 200, body = Tries), Problems))]
async fn retry_many(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    Json(tries): Json<NewTries>,
) -> Result<axum::Json<Tries>, Failure> {
    let (retried, more) = jobs.retry_many(&caller, tries.asked(jobs.kinds())?).await?;
    Ok(axum::Json(Tries { retried, more }))
}

/// One of your jobs, with all that happened to it
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = u64, Path), IfNoneMatch), responses((status = 200, body = Whole, headers(("ETag" = String))), (status = 304), Problems))]
async fn find(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
    known: IfNoneMatch,
) -> Result<Tagged<Whole>, Failure> {
    let (job, attempts) = jobs.told(&caller, id).await?;
    Ok(Tagged::by_all(Whole::of(job, attempts)).unless(&known))
}

/// Why a job stands where it does: why it is not running, for example
#[utoipa::path(get, path = "/api/v1/jobs/{id}/explain", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Explained), Problems))]
async fn explain(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
    headers: HeaderMap,
) -> Result<axum::Json<Explained>, Failure> {
    let (job, reasons) = jobs.explain(&caller, id).await?;
    Ok(axum::Json(Explained::of(&job, reasons, api::edge::language(&headers))))
}

/// Call a job off; one at work is let go of a moment later
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Job), Problems))]
async fn cancel(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<axum::Json<Job>, Failure> {
    Ok(axum::Json(jobs.cancel(&caller, id).await?.into()))
}

/// Have a job tried again that is dead or was called off: as often as is left of its attempts, and once at least
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Job), Problems))]
async fn retry(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<axum::Json<Job>, Failure> {
    Ok(axum::Json(jobs.retry(&caller, id).await?.into()))
}

/// One of your jobs as it changes: events `changed` with a `Job` each, the first at once, and `over` with a `JobInFull`
///
/// After `over` the stream ends. Whoever comes back hears first how the job stands then.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/stream", tag = "jobs", params(("id" = u64, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Problems))]
async fn listen(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    State(watching): State<Watching>,
    PathId(id): PathId<JobId>,
) -> Result<Response, Failure> {
    Ok(live::events(jobs, &watching, caller, id).await?)
}

fn answer(put: Put) -> Response {
    let status = StatusCode::from_u16(put.status()).unwrap_or(StatusCode::ACCEPTED);
    let job = put.job();
    let at = HeaderValue::try_from(format!("{JOBS}/{}", job.id));
    let answer = axum::Json(Answer::One(Box::new(job.into())));
    (status, at.ok().map(|at| [(LOCATION, at)]), answer).into_response()
}
