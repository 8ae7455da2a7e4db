//! `/api/v1/tasks/changes`.

use api::{Failure, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::{TaskId, Text};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Changes;
use crate::bodies::Task;

const BAD_SINCE: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: since is `next` of the answer before",
    uk: "Параметри запиту неможливо зрозуміти: since — це `next` попередньої відповіді",
    ru: "Параметры запроса невозможно понять: since — это `next` предыдущего ответа",
};
const TOO_OLD: Text = Text {
    code: "too_old",
    en: "That was too long ago; start over without since",
    uk: "Це було надто давно; почніть спочатку без since",
    ru: "Это было слишком давно; начните сначала без since",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Changes> {
    OpenApiRouter::new().routes(routes!(changes))
}

/// What changed since you last asked; everything when you never did
#[utoipa::path(get, path = "/api/v1/tasks/changes", tag = "tasks", params(Asked), responses((status = 200, body = TaskChanges), Problems))]
async fn changes(
    Signed(caller): Signed,
    State(changes): State<Changes>,
    Query(asked): Query<Asked>,
) -> Result<Json<TaskChanges>, Failure> {
    let since = asked.since.as_deref().map(str::parse).transpose();
    let since = since.map_err(|_| Failure::bad_request(BAD_SINCE))?;
    let delta = changes.since(&caller, since).await?;
    let delta = delta.ok_or(Failure::Http(StatusCode::GONE, TOO_OLD.into()))?;
    let item = |(id, task): (TaskId, Option<crate::task::Task>)| TaskChange {
        id,
        deleted: task.is_none(),
        task: task.map(Into::into),
    };
    let items = delta.items.into_iter().map(item).collect();
    Ok(Json(TaskChanges { items, next: delta.next.to_string(), more: delta.more }))
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `next` of the answer before. One that is too old is 410: forget everything and start over without it.
    since: Option<String>,
}

/// What changed.
#[derive(Serialize, ToSchema)]
struct TaskChanges {
    /// Each task once, as it is now.
    items: Vec<TaskChange>,
    /// What to ask with next.
    next: String,
    /// Whether there is more already.
    more: bool,
}

/// A task that changed.
#[derive(Serialize, ToSchema)]
struct TaskChange {
    #[schema(value_type = u64)]
    id: TaskId,
    deleted: bool,
    /// As it is now; null when it is deleted.
    task: Option<Task>,
}
