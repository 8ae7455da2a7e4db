//! `/api/v1/tasks`.

use api::idempotency::{Key, Keyed, Once};
use api::{
    Failure, IfMatch, IfNoneMatch, Json, Page, Paging, PathId, Problem, Problems, Signed, Tagged, Versioned,
};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use types::{TaskId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::{Filter, Tasks};
use crate::task::{self, Change, Draft};

/// The routes.
pub fn routes() -> OpenApiRouter<Tasks> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(create, list))
        .routes(routes!(find, change, delete))
        .routes(routes!(restore))
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
    let draft = Draft { title: new.title, note: new.note };
    let made = tasks.create_once(&caller, draft, key.as_ref()).await?;
    Ok(made.map(|task| (StatusCode::CREATED, Tagged::new(task.into()))))
}

/// Your tasks, newest first
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(Listing), responses((status = 200, body = Page<Task>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    api::Query(listing): api::Query<Listing>,
) -> Result<axum::Json<Page<Task>>, Failure> {
    let Listing { completed, limit, cursor } = listing;
    let paging = Paging { limit, cursor };
    let limit = paging.limit()?;
    let filter = Filter { completed, before: paging.after()?, limit: limit + 1 };
    let found = tasks.list(&caller, filter).await?;
    Ok(axum::Json(Page::of(found, limit, |task| task.id)))
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
    let change = Change { title: patch.title, note: patch.note, completed: patch.completed };
    Ok(Tagged::new(tasks.change(&caller, id, change, &expected).await?.into()))
}

/// Delete a task; it can be restored
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

/// A task to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTask {
    /// What, in a line of at most 500 characters.
    title: String,
    /// More about it, at most 20,000 characters.
    note: Option<String>,
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "a note can be left alone, taken away, or set")]
struct Patch {
    /// Another title.
    title: Option<String>,
    /// Another note; null for none any more.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
    /// Done, or to do again.
    completed: Option<bool>,
}

#[expect(clippy::option_option, reason = "a note can be left alone, taken away, or set")]
/// Tells a null that was sent from a field that was not.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Which tasks are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those done, or only those to do.
    completed: Option<bool>,
    /// How many, 1 to 200; 50 when not given.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A task.
#[derive(Serialize, ToSchema)]
struct Task {
    #[schema(value_type = u64)]
    id: TaskId,
    title: String,
    note: Option<String>,
    completed: bool,
    /// Grows with each change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<task::Task> for Task {
    fn from(task: task::Task) -> Self {
        let task::Task { id, title, note, completed, position: _, version, created_at, updated_at } = task;
        Self { id, title, note, completed, version, created_at, updated_at }
    }
}

impl Versioned for Task {
    fn version(&self) -> i64 {
        self.version
    }
}
