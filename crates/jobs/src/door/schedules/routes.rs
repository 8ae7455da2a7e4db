//! `/api/v1/schedules`.

use api::{Failure, Json, PathId, Problems, Signed};
use axum::extract::State;
use axum::http::StatusCode;
use types::ScheduleId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Schedules;
use super::bodies::{AllSchedules, JobSchedule, NewSchedule, SchedulePatch};
use crate::door::Desk;

/// The routes.
pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(create, all)).routes(routes!(find, change, delete))
}

/// Have a job put in the queue by the clock, again and again
#[utoipa::path(post, path = "/api/v1/schedules", tag = "jobs", request_body = NewSchedule, responses((status = 201, body = JobSchedule), Problems))]
async fn create(
    Signed(caller): Signed,
    State(schedules): State<Schedules>,
    Json(new): Json<NewSchedule>,
) -> Result<(StatusCode, axum::Json<JobSchedule>), Failure> {
    let (times, wanted) = new.parts();
    let made = schedules.create(&caller, times, wanted).await?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}

/// Your schedules, oldest first: all of them, for nobody has many
#[utoipa::path(get, path = "/api/v1/schedules", tag = "jobs", responses((status = 200, body = AllSchedules), Problems))]
async fn all(
    Signed(caller): Signed,
    State(schedules): State<Schedules>,
) -> Result<axum::Json<AllSchedules>, Failure> {
    let all = schedules.all(&caller).await?;
    Ok(axum::Json(AllSchedules { items: all.into_iter().map(Into::into).collect() }))
}

/// One of your schedules
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = JobSchedule), Problems))]
async fn find(
    Signed(caller): Signed,
    State(schedules): State<Schedules>,
    PathId(id): PathId<ScheduleId>,
) -> Result<axum::Json<JobSchedule>, Failure> {
    Ok(axum::Json(schedules.find(&caller, id).await?.into()))
}

/// Make a schedule different, or have it rest; what is not named stays
#[utoipa::path(patch, path = "/api/v1/schedules/{id}", tag = "jobs", params(("id" = u64, Path)), request_body = SchedulePatch, responses((status = 200, body = JobSchedule), Problems))]
async fn change(
    Signed(caller): Signed,
    State(schedules): State<Schedules>,
    PathId(id): PathId<ScheduleId>,
    Json(patch): Json<SchedulePatch>,
) -> Result<axum::Json<JobSchedule>, Failure> {
    Ok(axum::Json(schedules.change(&caller, id, patch.into()).await?.into()))
}

/// End a schedule; the jobs that it has put in stay
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", tag = "jobs", params(("id" = u64, Path)), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(schedules): State<Schedules>,
    PathId(id): PathId<ScheduleId>,
) -> Result<StatusCode, Failure> {
    schedules.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
