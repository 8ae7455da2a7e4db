//! `/api/v1/chats`.

use api::idempotency::{Key, Keyed, Once};
use api::{Failure, IfMatch, IfNoneMatch, Json, Page, Paging, PathId, Problems, Query, Signed, Tagged};
use axum::extract::State;
use axum::http::StatusCode;
use types::{ChatId, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Chat, NewChat, Patch};
use super::service::Chats;
use super::{Kind, View};

/// The routes.
pub fn routes() -> OpenApiRouter<Chats> {
    OpenApiRouter::new().routes(routes!(open, list)).routes(routes!(find, rename))
}

/// The chat with somebody, which is there from then on (200); or a new group, which is yours (201)
#[utoipa::path(post, path = "/api/v1/chats", tag = "messenger", params(Key), request_body = NewChat, responses((status = 200, body = Chat, headers(("ETag" = String))), (status = 201, body = Chat, headers(("ETag" = String))), Problems))]
async fn open(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    Keyed(new, key): Keyed<NewChat>,
) -> Result<Once<(StatusCode, Tagged<Chat>)>, Failure> {
    let opened = chats.open(&caller, new.wanted()?, key.as_ref()).await?;
    Ok(opened.map(|view| {
        let status = if view.chat.kind == Kind::Group { StatusCode::CREATED } else { StatusCode::OK };
        (status, Tagged::new(view.into()))
    }))
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
    let page = Page::<(i64, View)>::of(found, limit, |(at, _)| Id::<()>::trusted(*at));
    let items = page.items.into_iter().map(|(_, view)| view.into()).collect();
    Ok(axum::Json(Page { items, next: page.next }))
}

/// A chat of yours
#[utoipa::path(get, path = "/api/v1/chats/{id}", tag = "messenger", params(("id" = u64, Path), IfNoneMatch), responses((status = 200, body = Chat, headers(("ETag" = String))), (status = 304), Problems))]
async fn find(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    PathId(id): PathId<ChatId>,
    known: IfNoneMatch,
) -> Result<Tagged<Chat>, Failure> {
    Ok(Tagged::new(Chat::from(chats.find(&caller, id).await?)).unless(&known))
}

/// Call a group something else, as its owner or an administrator of it
#[utoipa::path(patch, path = "/api/v1/chats/{id}", tag = "messenger", params(("id" = u64, Path), IfMatch), request_body = Patch, responses((status = 200, body = Chat, headers(("ETag" = String))), Problems))]
async fn rename(
    Signed(caller): Signed,
    State(chats): State<Chats>,
    PathId(id): PathId<ChatId>,
    IfMatch(expected): IfMatch,
    Json(patch): Json<Patch>,
) -> Result<Tagged<Chat>, Failure> {
    Ok(Tagged::new(chats.rename(&caller, id, &patch.title, &expected).await?.into()))
}
