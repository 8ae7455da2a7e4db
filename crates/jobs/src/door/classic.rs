//! `/jobs` at the root, as document 5 has it.

use api::{Failure, LooseJson, PathId, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use types::JobId;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Desk;
use super::bodies::{Job, NewPlain, Whole};
use super::service::Jobs;
use crate::job;
use crate::store::Filter;

/// Jobs of one answer.
const MOST: usize = 200;

/// The routes.
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(find))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// Have something done later; an open job that has its key already is answered as if it were new
#[utoipa::path(post, path = "/jobs", tag = "jobs", request_body = NewPlain, responses((status = 202, body = Plain), Problems))]
async fn create(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    LooseJson(new): LooseJson<NewPlain>,
) -> Result<(StatusCode, Json<Plain>), Failure> {
    let put = jobs.create_anew(&caller, new.into()).await?;
    Ok((StatusCode::ACCEPTED, Json(Plain::of(&put.job()))))
}

/// Your jobs, newest first
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(Before), responses((status = 200, body = [Job]), Problems))]
async fn list(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    Query(from): Query<Before>,
) -> Result<(HeaderMap, Json<Vec<Job>>), Failure> {
    let kinds = jobs.kinds().names().map(str::to_owned).collect();
    let limit = 1 + i64::try_from(MOST).unwrap_or(0);
    let filter = Filter { states: Vec::new(), kinds, before: from.before, limit };
    let mut found = jobs.list(&caller, &filter).await?;
    let more = found.len() > MOST;
    found.truncate(MOST);
    let next = found.last().filter(|_| more).map(link);
    let headers = next.into_iter().map(|link| (LINK, link)).collect();
    Ok((headers, Json(found.into_iter().map(Into::into).collect())))
}

/// One of your jobs
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Whole), Problems))]
async fn find(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Whole>, Failure> {
    let (job, attempts) = jobs.told(&caller, id).await?;
    Ok(Json(Whole::of(job, attempts)))
}

/// Call a job off
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Plain), Problems))]
async fn cancel(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Plain>, Failure> {
    Ok(Json(Plain::of(&jobs.cancel(&caller, id).await?)))
}

/// Have a job tried again
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = Plain), Problems))]
async fn retry(
    Signed(caller): Signed,
    State(jobs): State<Jobs>,
    PathId(id): PathId<JobId>,
) -> Result<Json<Plain>, Failure> {
    Ok(Json(Plain::of(&jobs.retry(&caller, id).await?)))
}

/// Where the list goes on after this job.
fn link(last: &job::Job) -> HeaderValue {
    let link = HeaderValue::try_from(format!("</jobs?before={}>; rel=\"next\"", last.id));
    link.unwrap_or(HeaderValue::from_static(""))
}

/// Where the list begins.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Before {
    /// What the `Link` of the answer before says.
    #[param(value_type = Option<u64>)]
    before: Option<JobId>,
}

/// A job as older clients read it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlainJob)]
struct Plain {
    #[schema(value_type = u64)]
    id: JobId,
    state: &'static str,
}

impl Plain {
    fn of(job: &job::Job) -> Self {
        Self { id: job.id, state: job.state.name() }
    }
}
