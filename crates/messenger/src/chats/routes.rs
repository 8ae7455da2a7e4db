//! `/api/v1/chats`.

use api::{Failure, Json, Page, Paging, PathId, Problems, Query, Signed};
use axum::extract::State;
use types::{ChatId, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Chat, NewChat};
use super::service::Chats;

/// The routes.
pub fn routes() -> OpenApiRouter<Chats> {
    OpenApiRouter::new().routes(routes!(open, list)).routes(routes!(find))
}

/// The chat with somebody, which is there from then on
#[utoipa::path(post, path = "/api/v1/chats", tag = "messenger", request_body = NewChat, responses((status = 200, body = Chat), Problems))]
async fn open(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    Json(new): Json<NewChat>,
) -> Result<axum::Json<Chat>, Failure> {
    let chat = chats.with(&caller, new.user_id).await?;
    Ok(axum::Json(chats.find(&caller, chat).await?.into()))
}

/// Your chats, those first in which something was said last
#[utoipa::path(get, path = "/api/v1/chats", tag = "messenger", params(Paging), responses((status = 200, body = Page<Chat>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<Chat>>, Failure> {
    let (limit, before) = (paging.limit()?, paging.after::<()>()?.map(Id::number));
    let found = chats.list(&caller, None, before, limit + 1).await?;
    let page = Page::<(i64, super::Seat)>::of(found, limit, |(at, _)| Id::<()>::trusted(*at));
    let items = page.items.into_iter().map(|(_, seat)| seat.into()).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

/// A chat of yours
#[utoipa::path(get, path = "/api/v1/chats/{id}", tag = "messenger", params(("id" = u64, Path)), responses((status = 200, body = Chat), Problems))]
async fn find(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    PathId(id): PathId<ChatId>,
) -> Result<axum::Json<Chat>, Failure> {
    Ok(axum::Json(chats.find(&caller, id).await?.into()))
}
