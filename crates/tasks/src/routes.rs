//! `/api/v1/tasks`.

use api::idempotency::{Key, Keyed, Once};
use api::{Failure, IfMatch, IfNoneMatch, Json, Page, PathId, Problem, Problems, Signed, Tagged};
use axum::extract::State;
use axum::http::StatusCode;
use types::TaskId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::bodies::{self, Listing, NewTask, Patch, Target, Task};
use crate::service::Tasks;

/// The routes.
pub fn routes() -> OpenApiRouter<Tasks> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(create, list))
        .routes(routes!(find, change, delete))
        .routes(routes!(restore))
        .routes(routes!(put_after))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Write a task down
#[utoipa::path(post, path = "/api/v1/tasks", tag = "tasks", params(Key), request_body = NewTask, responses((status = 201, body = Task, headers(("ETag" = String))), Problems))]
async fn create(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    Keyed(new, key): Keyed<NewTask>,
) -> Result<Once<(StatusCode, Tagged<Task>)>, Failure> {
    let made = tasks.create_once(&caller, new.into(), key.as_ref()).await?;
    Ok(made.map(|task| (StatusCode::CREATED, Tagged::new(task.into()))))
}

/// Your tasks, newest first or in your order
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(Listing), responses((status = 200, body = Page<Task>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    api::Query(listing): api::Query<Listing>,
) -> Result<axum::Json<Page<Task>>, Failure> {
    let (filter, words) = listing.asked()?;
    let page = match words {
        Some(words) => bodies::found(tasks.search(&caller, &words, &filter).await?),
        None => bodies::page(tasks.list(&caller, &filter).await?, &filter),
    };
    Ok(axum::Json(page))
}

/// One of your tasks
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path), IfNoneMatch), responses((status = 200, body = Task, headers(("ETag" = String))), (status = 304), Problems))]
async fn find(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    known: IfNoneMatch,
) -> Result<Tagged<Task>, Failure> {
    Ok(Tagged::new(Task::from(tasks.find(&caller, id).await?)).unless(&known))
}

/// Make a task different; what is not named stays
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path), IfMatch), request_body = Patch, responses((status = 200, body = Task, headers(("ETag" = String))), Problems))]
async fn change(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    IfMatch(expected): IfMatch,
    Json(patch): Json<Patch>,
) -> Result<Tagged<Task>, Failure> {
    Ok(Tagged::new(tasks.change(&caller, id, patch.into(), &expected).await?.into()))
}

/// Delete a task; it can be restored for thirty days
#[utoipa::path(delete, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path), IfMatch), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Failure> {
    tasks.delete(&caller, id, &expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted task back
#[utoipa::path(post, path = "/api/v1/tasks/{id}/restore", tag = "tasks", params(("id" = u64, Path)), responses((status = 200, body = Task, headers(("ETag" = String))), Problems))]
async fn restore(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<Tagged<Task>, Failure> {
    Ok(Tagged::new(tasks.restore(&caller, id).await?.into()))
}

/// Drag a task to right after another, or before all
#[utoipa::path(post, path = "/api/v1/tasks/{id}/move", tag = "tasks", params(("id" = u64, Path)), request_body = Target, responses((status = 200, body = Task, headers(("ETag" = String))), Problems))]
async fn put_after(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    Json(target): Json<Target>,
) -> Result<Tagged<Task>, Failure> {
    Ok(Tagged::new(tasks.put_after(&caller, id, target.after).await?.into()))
}
