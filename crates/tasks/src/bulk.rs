//! `/api/v1/tasks/bulk`.

use api::idempotency::{self, Key, Keyed, Once};
use api::{Failure, Json, Problems, Signed};
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use types::{Error, TaskId, Text};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::bodies::{NewTask, Patch, Task};
use crate::service::Tasks;
use crate::task;

/// Tasks of one request.
const MOST: usize = 1_000;

const TOO_MANY: Text = Text {
    code: "too_many_items",
    en: "at most {} at once",
    uk: "не більше {} за один раз",
    ru: "не больше {} за один раз",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Tasks> {
    OpenApiRouter::new().routes(routes!(create, change))
}

/// Write many tasks down
///
/// What is sent again with its key is answered with each task as it is now, 410 where it has been deleted, and what was in
/// the way of the others; 409 where nothing would be any more.
#[utoipa::path(post, path = "/api/v1/tasks/bulk", tag = "tasks", params(Key), request_body = NewTasks, responses((status = 200, body = Results), Problems))]
async fn create(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    headers: HeaderMap,
    Keyed(NewTasks { items }, key): Keyed<NewTasks>,
) -> Result<Once<axum::Json<Results>>, Failure> {
    not_too_many(items.len())?;
    let drafts = items.into_iter().map(Into::into).collect();
    let done = tasks.create_many_once(&caller, drafts, key.as_ref()).await?;
    let there = |made: types::Result<Option<_>>| made?.ok_or_else(idempotency::gone);
    Ok(done.map(|done| axum::Json(Results::of(done.into_iter().map(there), 201, &headers))))
}

/// Make many tasks different, in the order given
#[utoipa::path(patch, path = "/api/v1/tasks/bulk", tag = "tasks", request_body = Patches, responses((status = 200, body = Results), Problems))]
async fn change(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    headers: HeaderMap,
    Json(Patches { items }): Json<Patches>,
) -> Result<axum::Json<Results>, Failure> {
    not_too_many(items.len())?;
    let changes = items.into_iter().map(|item| (item.id, item.change.into())).collect();
    let done = tasks.change_many(&caller, changes).await;
    let done = done.into_iter().map(|result| result.map_err(Failure::from));
    Ok(axum::Json(Results::of(done, 200, &headers)))
}

fn not_too_many(items: usize) -> Result<(), Error> {
    if items > MOST { Err(Error::invalid("items", TOO_MANY.with([&MOST]))) } else { Ok(()) }
}

/// Tasks to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTasks {
    /// At most 1,000.
    items: Vec<NewTask>,
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Patches {
    /// At most 1,000.
    items: Vec<PatchOf>,
}

/// What should be different about a task.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PatchOf {
    /// Which one.
    #[schema(value_type = u64)]
    id: TaskId,
    /// What is not named stays.
    change: Patch,
}

/// What came of each, in the order of the request.
#[derive(Serialize, ToSchema)]
struct Results {
    items: Vec<Outcome>,
}

/// What came of one.
#[derive(Serialize, ToSchema)]
struct Outcome {
    /// As the status of an answer to it alone.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<Task>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<api::Problem>)]
    problem: Option<Value>,
}

impl Results {
    fn of(done: impl Iterator<Item = Result<task::Task, Failure>>, good: u16, headers: &HeaderMap) -> Self {
        let language = api::edge::language(headers);
        let outcome = |result| match result {
            Ok(task) => Outcome { status: good, task: Some(Task::from(task)), problem: None },
            Err(failure) => Outcome {
                status: Failure::status(&failure).as_u16(),
                task: None,
                problem: failure.part(language),
            },
        };
        Self { items: done.map(outcome).collect() }
    }
}
