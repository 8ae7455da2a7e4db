//! `/api/v1/lists`.

use api::idempotency::{Key, Keyed, Once};
use api::{Failure, IfMatch, IfNoneMatch, Json, PathId, Problems, Signed, Tagged, Versioned};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::{ListId, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{List, Lists};

/// The routes.
pub fn routes() -> OpenApiRouter<Lists> {
    OpenApiRouter::new().routes(routes!(create, all)).routes(routes!(find, rename, delete))
}

/// Make a list
#[utoipa::path(post, path = "/api/v1/lists", tag = "tasks", params(Key), request_body = Named, responses((status = 201, body = TaskList, headers(("ETag" = String))), Problems))]
async fn create(
    Signed(caller): Signed,
    State(lists): State<Lists>,
    Keyed(named, key): Keyed<Named>,
) -> Result<Once<(StatusCode, Tagged<TaskList>)>, Failure> {
    let made = lists.create(&caller, &named.name, key.as_ref()).await?;
    Ok(made.map(|list| (StatusCode::CREATED, Tagged::new(list.into()))))
}

/// Your lists, oldest first: all of them, for nobody has many
#[utoipa::path(get, path = "/api/v1/lists", tag = "tasks", responses((status = 200, body = AllLists), Problems))]
async fn all(Signed(caller): Signed, State(lists): State<Lists>) -> Result<axum::Json<AllLists>, Failure> {
    let all = lists.all(&caller).await?;
    Ok(axum::Json(AllLists { items: all.into_iter().map(Into::into).collect() }))
}

/// One of your lists
#[utoipa::path(get, path = "/api/v1/lists/{id}", tag = "tasks", params(("id" = u64, Path), IfNoneMatch), responses((status = 200, body = TaskList, headers(("ETag" = String))), (status = 304), Problems))]
async fn find(
    Signed(caller): Signed,
    State(lists): State<Lists>,
    PathId(id): PathId<ListId>,
    known: IfNoneMatch,
) -> Result<Tagged<TaskList>, Failure> {
    Ok(Tagged::new(TaskList::from(lists.find(&caller, id).await?)).unless(&known))
}

/// Call a list something else
#[utoipa::path(patch, path = "/api/v1/lists/{id}", tag = "tasks", params(("id" = u64, Path), IfMatch), request_body = Named, responses((status = 200, body = TaskList, headers(("ETag" = String))), Problems))]
async fn rename(
    Signed(caller): Signed,
    State(lists): State<Lists>,
    PathId(id): PathId<ListId>,
    IfMatch(expected): IfMatch,
    Json(named): Json<Named>,
) -> Result<Tagged<TaskList>, Failure> {
    Ok(Tagged::new(lists.rename(&caller, id, &named.name, &expected).await?.into()))
}

/// Delete a list that has no tasks
#[utoipa::path(delete, path = "/api/v1/lists/{id}", tag = "tasks", params(("id" = u64, Path), IfMatch), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(lists): State<Lists>,
    PathId(id): PathId<ListId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Failure> {
    lists.delete(&caller, id, &expected).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A list's name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// At most 200 characters.
    name: String,
}

/// All of somebody's lists.
#[derive(Serialize, ToSchema)]
struct AllLists {
    items: Vec<TaskList>,
}

/// A list of tasks.
#[derive(Serialize, ToSchema)]
struct TaskList {
    #[schema(value_type = u64)]
    id: ListId,
    name: String,
    /// Grows with each change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<List> for TaskList {
    fn from(list: List) -> Self {
        let List { id, name, version, created_at, updated_at } = list;
        Self { id, name, version, created_at, updated_at }
    }
}

impl Versioned for TaskList {
    fn version(&self) -> i64 {
        self.version
    }
}
