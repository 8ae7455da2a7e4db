//! `/api/v1/tasks`.

use api::{Failure, Json, Page, PathId, Problem, Problems, Signed};
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
#[utoipa::path(post, path = "/api/v1/tasks", tag = "tasks", request_body = NewTask, responses((status = 201, body = Task), Problems))]
async fn create(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    Json(new): Json<NewTask>,
) -> Result<(StatusCode, axum::Json<Task>), Failure> {
    let task = tasks.create(&caller, new.into()).await?;
    Ok((StatusCode::CREATED, axum::Json(task.into())))
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
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), responses((status = 200, body = Task), Problems))]
async fn find(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<axum::Json<Task>, Failure> {
    Ok(axum::Json(tasks.find(&caller, id).await?.into()))
}

/// Make a task different; what is not named stays
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), request_body = Patch, responses((status = 200, body = Task), Problems))]
async fn change(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    Json(patch): Json<Patch>,
) -> Result<axum::Json<Task>, Failure> {
    Ok(axum::Json(tasks.change(&caller, id, patch.into()).await?.into()))
}

/// Delete a task; it can be restored
#[utoipa::path(delete, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<StatusCode, Failure> {
    tasks.delete(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted task back
#[utoipa::path(post, path = "/api/v1/tasks/{id}/restore", tag = "tasks", params(("id" = u64, Path)), responses((status = 200, body = Task), Problems))]
async fn restore(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<axum::Json<Task>, Failure> {
    Ok(axum::Json(tasks.restore(&caller, id).await?.into()))
}

/// Drag a task to right after another, or before all
#[utoipa::path(post, path = "/api/v1/tasks/{id}/move", tag = "tasks", params(("id" = u64, Path)), request_body = Target, responses((status = 200, body = Task), Problems))]
async fn put_after(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    Json(target): Json<Target>,
) -> Result<axum::Json<Task>, Failure> {
    Ok(axum::Json(tasks.put_after(&caller, id, target.after).await?.into()))
}
