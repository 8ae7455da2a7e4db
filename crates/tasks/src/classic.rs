//! `/tasks` at the root, as the page of document 2 knows it.

use api::{Failure, LooseJson, PathId, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use types::check::REQUIRED;
use types::{Error, Expected, TaskId, Text};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::order::Place;
use crate::service::Tasks;
use crate::task::{Change, Draft, Task};

/// Tasks of one answer.
const MOST: usize = 1_000;

const BAD_AFTER: Text = Text {
    code: "bad_query",
    en: "`after` is what the Link of the answer before says",
    uk: "`after` — те, що каже Link попередньої відповіді",
    ru: "`after` — то, что говорит Link предыдущего ответа",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Tasks> {
    OpenApiRouter::new().routes(routes!(list, create, clear)).routes(routes!(find, change, delete))
}

/// Your tasks in your order, oldest first until you drag one
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(From), responses((status = 200, body = [Plain]), Problems))]
async fn list(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    Query(from): Query<From>,
) -> Result<(HeaderMap, Json<Vec<Plain>>), Failure> {
    let after = from.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_| Failure::bad_request(BAD_AFTER))?;
    let mut found = tasks.in_order(&caller, after, 1 + i64::try_from(MOST).unwrap_or(0)).await?;
    let more = found.len() > MOST;
    found.truncate(MOST);
    let next = found.last().filter(|_| more).map(link);
    let headers = next.into_iter().map(|link| (LINK, link)).collect();
    Ok((headers, Json(found.into_iter().map(Plain::of).collect())))
}

/// Write a task down
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = NewPlain, responses((status = 201, body = Plain), Problems))]
async fn create(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    LooseJson(new): LooseJson<NewPlain>,
) -> Result<(StatusCode, Json<Plain>), Failure> {
    let title = new.title.ok_or_else(|| Error::invalid("title", REQUIRED))?;
    let task = tasks.create(&caller, Draft { title, note: new.note, ..Draft::default() }).await?;
    Ok((StatusCode::CREATED, Json(Plain::of(task))))
}

/// Delete all of your tasks
#[utoipa::path(delete, path = "/tasks", tag = "tasks", responses((status = 204), Problems))]
async fn clear(Signed(caller): Signed, State(tasks): State<Tasks>) -> Result<StatusCode, Failure> {
    tasks.clear(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One of your tasks
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), responses((status = 200, body = Plain), Problems))]
async fn find(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<Json<Plain>, Failure> {
    Ok(Json(Plain::of(tasks.find(&caller, id).await?)))
}

/// Make a task different; what is not named stays
#[utoipa::path(put, path = "/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), request_body = Put, responses((status = 200, body = Plain), Problems))]
async fn change(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
    LooseJson(put): LooseJson<Put>,
) -> Result<Json<Plain>, Failure> {
    let change = Change { title: put.title, note: put.note, completed: put.completed, ..Change::default() };
    Ok(Json(Plain::of(tasks.change(&caller, id, change, &Expected::Any).await?)))
}

/// Delete a task
#[utoipa::path(delete, path = "/tasks/{id}", tag = "tasks", params(("id" = u64, Path)), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(tasks): State<Tasks>,
    PathId(id): PathId<TaskId>,
) -> Result<StatusCode, Failure> {
    tasks.delete(&caller, id, &Expected::Any).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where the list goes on after this task.
fn link(last: &Task) -> HeaderValue {
    let link = format!("</tasks?after={}>; rel=\"next\"", Place::from(last));
    HeaderValue::try_from(link).unwrap_or(HeaderValue::from_static(""))
}

/// Where the list begins.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct From {
    /// What the `Link` of the answer before says.
    after: Option<String>,
}

/// A task to be.
#[derive(Deserialize, ToSchema)]
struct NewPlain {
    title: Option<String>,
    note: Option<String>,
}

/// What should be different.
#[derive(Deserialize, ToSchema)]
#[expect(clippy::option_option, reason = "a note can be left alone, taken away, or set")]
struct Put {
    title: Option<String>,
    #[serde(default, deserialize_with = "crate::bodies::given")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
    completed: Option<bool>,
}

/// A task as the older clients read it.
#[derive(Serialize, ToSchema)]
struct Plain {
    #[schema(value_type = u64)]
    id: TaskId,
    /// The same again.
    #[serde(rename = "ID")]
    #[schema(value_type = u64)]
    again: TaskId,
    title: String,
    completed: bool,
    /// In UTC: `YYYY-MM-DD HH:MM:SS`.
    created_at: String,
    /// In UTC: `YYYY-MM-DD HH:MM:SS`.
    updated_at: String,
}

impl Plain {
    fn of(task: Task) -> Self {
        Self {
            id: task.id,
            again: task.id,
            created_at: task.created_at.plain(),
            updated_at: task.updated_at.plain(),
            title: task.title,
            completed: task.completed,
        }
    }
}
