//! `/api/v1/blocks`.

use api::{Failure, Page, Paging, PathId, Problems, Query, Signed};
use axum::extract::State;
use axum::http::StatusCode;
use types::UserId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::Blocked;
use super::service::Blocks;

/// The routes.
pub fn routes() -> OpenApiRouter<Blocks> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(block, unblock))
}

/// Whom you block, by their ids
#[utoipa::path(get, path = "/api/v1/blocks", operation_id = "blocks", tag = "messenger", params(Paging), responses((status = 200, body = Page<Blocked>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(blocks): State<Blocks>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Blocked>>, Failure> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let found = blocks.list(&caller, after, limit + 1).await?;
    Ok(axum::Json(Page::of(found, limit, |blocked| blocked.user)))
}

/// Hear of somebody no more: between you two nothing is said, and they add you to no group
#[utoipa::path(put, path = "/api/v1/blocks/{user_id}", tag = "messenger", params(("user_id" = u64, Path)), responses((status = 204), Problems))]
async fn block(
    Signed(caller): Signed,
    State(blocks): State<Blocks>,
    PathId(user): PathId<UserId>,
) -> Result<StatusCode, Failure> {
    blocks.block(&caller, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hear of somebody again
#[utoipa::path(delete, path = "/api/v1/blocks/{user_id}", tag = "messenger", params(("user_id" = u64, Path)), responses((status = 204), Problems))]
async fn unblock(
    Signed(caller): Signed,
    State(blocks): State<Blocks>,
    PathId(user): PathId<UserId>,
) -> Result<StatusCode, Failure> {
    blocks.unblock(&caller, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
