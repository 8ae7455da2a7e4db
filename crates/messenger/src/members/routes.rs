//! `/api/v1/chats/{id}/members`.

use api::{Failure, Json, Page, Paging, PathId, PathIds, Problems, Query, Signed};
use axum::extract::State;
use axum::http::StatusCode;
use types::{ChatId, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Member, Membership};
use super::service::Members;

/// The routes.
pub fn routes() -> OpenApiRouter<Members> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(put, remove))
}

/// Who is in a chat of yours, by their ids
#[utoipa::path(get, path = "/api/v1/chats/{id}/members", operation_id = "members", tag = "messenger", params(("id" = u64, Path), Paging), responses((status = 200, body = Page<Member>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(members): State<Members>,
    PathId(chat): PathId<ChatId>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Member>>, Failure> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let found = members.list(&caller, chat, after, limit + 1).await?;
    Ok(axum::Json(Page::of(found, limit, |member| member.user)))
}

/// Let somebody into a group, or make them another kind of member
#[utoipa::path(put, path = "/api/v1/chats/{id}/members/{user_id}", operation_id = "put_member", tag = "messenger", params(("id" = u64, Path), ("user_id" = u64, Path)), request_body = Membership, responses((status = 200, body = Member), (status = 201, body = Member), Problems))]
async fn put(
    Signed(caller): Signed,
    State(members): State<Members>,
    PathIds(chat, user): PathIds<ChatId, UserId>,
    Json(membership): Json<Membership>,
) -> Result<(StatusCode, axum::Json<Member>), Failure> {
    let (member, is_new) = members.put(&caller, chat, user, membership.wish()?).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(member.into())))
}

/// Take somebody out of a group, or leave it yourself
#[utoipa::path(delete, path = "/api/v1/chats/{id}/members/{user_id}", operation_id = "remove_member", tag = "messenger", params(("id" = u64, Path), ("user_id" = u64, Path)), responses((status = 204), Problems))]
async fn remove(
    Signed(caller): Signed,
    State(members): State<Members>,
    PathIds(chat, user): PathIds<ChatId, UserId>,
) -> Result<StatusCode, Failure> {
    members.remove(&caller, chat, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
