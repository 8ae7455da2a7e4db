//! `/api/v1/tasks/changes` and `/api/v1/tasks/events`.

use api::events::last_heard;
use api::{Failure, Paging, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use types::{TaskId, Text};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{Delta, Item};
use super::{Changes, Since, live};
use crate::bodies::Task;

const BAD_SINCE: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: since is `next` of the answer before, or the `id` of an event",
    uk: "Параметри запиту неможливо зрозуміти: since — це `next` попередньої відповіді або `id` події",
    ru: "Параметры запроса невозможно понять: since — это `next` предыдущего ответа или `id` события",
};
const TOO_OLD: Text = Text {
    code: "too_old",
    en: "That was too long ago; start over without since",
    uk: "Це було надто давно; почніть спочатку без since",
    ru: "Это было слишком давно; начните сначала без since",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Changes> {
    OpenApiRouter::new().routes(routes!(changes)).routes(routes!(events))
}

/// What changed since you last asked; everything when you never did
#[utoipa::path(get, path = "/api/v1/tasks/changes", tag = "tasks", params(Asked), responses((status = 200, body = TaskChanges), Problems))]
async fn changes(
    Signed(caller): Signed,
    State(changes): State<Changes>,
    Query(asked): Query<Asked>,
) -> Result<Json<TaskChanges>, Failure> {
    let limit = Paging { limit: asked.limit, cursor: None }.limit()?;
    let since = place(asked.since.as_deref())?;
    let delta = changes.since(&caller, since, usize::try_from(limit).unwrap_or(1)).await?;
    delta.map(|delta| Json(delta.into())).ok_or(Failure::Http(StatusCode::GONE, TOO_OLD.into()))
}

/// Your tasks as they change: events `changed` and `deleted`, with a `TaskChange` each
///
/// The `id` of each event is the place behind it: a client that lost its connection sends the last one as `Last-Event-ID`
/// (browsers do) and hears what it missed. Without it, and without `since`, it hears what happens from now on. After an
/// event `reset`, for whoever was away too long, load everything anew: what comes next is what changes from then on.
#[utoipa::path(get, path = "/api/v1/tasks/events", tag = "tasks", params(From, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Problems))]
async fn events(
    Signed(caller): Signed,
    State(changes): State<Changes>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let since = place(last_heard(&headers).or(from.since.as_deref()))?;
    Ok(live::events(changes, caller, since).await?.into_response())
}

fn place(said: Option<&str>) -> Result<Option<Since>, Failure> {
    said.map(str::parse).transpose().map_err(|_| Failure::bad_request(BAD_SINCE))
}

/// Since when, and how much at once.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `next` of the answer before. One that is too old is 410: forget everything and start over without it.
    since: Option<String>,
    /// How many tasks, 1 to 200; 50 when not given.
    limit: Option<i64>,
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct From {
    /// `next` of an answer of `/api/v1/tasks/changes`. `Last-Event-ID` counts before it.
    since: Option<String>,
}

/// What changed.
#[derive(Serialize, ToSchema)]
struct TaskChanges {
    /// Each task once, as it is now.
    items: Vec<TaskChange>,
    /// What to ask with next.
    next: String,
    /// Whether to ask again at once: there may be more already.
    more: bool,
}

/// A task that changed.
#[derive(Serialize, ToSchema)]
pub struct TaskChange {
    #[schema(value_type = u64)]
    id: TaskId,
    deleted: bool,
    /// As it is now; null when it is deleted.
    task: Option<Task>,
}

impl std::convert::From<Delta> for TaskChanges {
    fn from(delta: Delta) -> Self {
        let items = delta.items.into_iter().map(Into::into).collect();
        Self { items, next: delta.next.to_string(), more: delta.more }
    }
}

impl std::convert::From<Item> for TaskChange {
    fn from(item: Item) -> Self {
        Self { id: item.id, deleted: item.task.is_none(), task: item.task.map(Into::into) }
    }
}
