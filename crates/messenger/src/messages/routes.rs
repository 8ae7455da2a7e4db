//! `/api/v1/chats/{id}/messages` and `/api/v1/messages`.

use api::{
    Failure, IfMatch, IfNoneMatch, Json, Page, Paging, PathId, Problem, Problems, Query, Signed, Tagged,
};
use axum::extract::State;
use axum::http::StatusCode;
use types::{ChatId, MessageId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{For, History, Listing, Message, NewMessage, Patch, Upto, Whom};
use super::service::Messages;
use crate::chats::bodies::Chat;

/// The routes.
pub fn routes() -> OpenApiRouter<Messages> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(send, list))
        .routes(routes!(find, edit, delete))
        .routes(routes!(history))
        .routes(routes!(read))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Say something in a chat
#[utoipa::path(post, path = "/api/v1/chats/{id}/messages", tag = "messenger", params(("id" = u64, Path)), request_body = NewMessage, responses((status = 201, body = Message), Problems))]
async fn send(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(chat): PathId<ChatId>,
    Json(new): Json<NewMessage>,
) -> Result<(StatusCode, axum::Json<Message>), Failure> {
    let sent = messages.send(&caller, chat, &new.text, new.client_key.as_deref()).await?;
    Ok((StatusCode::CREATED, axum::Json(sent.into())))
}

/// What was said in a chat, newest first
#[utoipa::path(get, path = "/api/v1/chats/{id}/messages", tag = "messenger", params(("id" = u64, Path), Listing), responses((status = 200, body = Page<Message>), Problems))]
async fn list(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(chat): PathId<ChatId>,
    Query(listing): Query<Listing>,
) -> Result<axum::Json<Page<Message>>, Failure> {
    let Listing { limit, cursor, after } = listing;
    let paging = Paging { limit, cursor };
    let (limit, before) = (paging.limit()?, paging.after::<()>()?.map(types::Id::number));
    let found = messages.list(&caller, chat, after.unwrap_or(0), before, limit + 1).await?;
    Ok(axum::Json(Page::of(found, limit, |message| types::Id::<()>::trusted(message.seq))))
}

/// A message
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messenger", params(("id" = u64, Path), IfNoneMatch), responses((status = 200, body = Message, headers(("ETag" = String))), (status = 304), Problems))]
async fn find(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(id): PathId<MessageId>,
    known: IfNoneMatch,
) -> Result<Tagged<Message>, Failure> {
    Ok(Tagged::new(Message::from(messages.find(&caller, id).await?)).unless(&known))
}

/// Make a message of yours say something else
#[utoipa::path(patch, path = "/api/v1/messages/{id}", tag = "messenger", params(("id" = u64, Path), IfMatch), request_body = Patch, responses((status = 200, body = Message, headers(("ETag" = String))), Problems))]
async fn edit(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(id): PathId<MessageId>,
    IfMatch(expected): IfMatch,
    Json(patch): Json<Patch>,
) -> Result<Tagged<Message>, Failure> {
    Ok(Tagged::new(messages.edit(&caller, id, &patch.text, &expected).await?.into()))
}

/// Delete a message, for all or for you alone
#[utoipa::path(delete, path = "/api/v1/messages/{id}", tag = "messenger", params(("id" = u64, Path), Whom, IfMatch), responses((status = 204), Problems))]
async fn delete(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(id): PathId<MessageId>,
    Query(whom): Query<Whom>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Failure> {
    match whom.whom {
        For::All => messages.delete(&caller, id, &expected).await?,
        For::Me => messages.hide(&caller, id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a message said before it was edited
#[utoipa::path(get, path = "/api/v1/messages/{id}/history", tag = "messenger", params(("id" = u64, Path)), responses((status = 200, body = History), Problems))]
async fn history(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(id): PathId<MessageId>,
) -> Result<axum::Json<History>, Failure> {
    let edits = messages.history(&caller, id).await?;
    Ok(axum::Json(History { items: edits.into_iter().map(Into::into).collect() }))
}

/// Note that you have read a chat, up to a message or all of it
#[utoipa::path(put, path = "/api/v1/chats/{id}/read", tag = "messenger", params(("id" = u64, Path)), request_body = Upto, responses((status = 200, body = Chat), Problems))]
async fn read(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(chat): PathId<ChatId>,
    Json(Upto { seq }): Json<Upto>,
) -> Result<axum::Json<Chat>, Failure> {
    Ok(axum::Json(messages.read(&caller, chat, seq).await?.into()))
}
