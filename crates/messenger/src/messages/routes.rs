//! `/api/v1/chats/{id}/messages` and `/api/v1/messages`.

use api::{Failure, Json, Page, Paging, PathId, Problem, Problems, Query, Signed};
use axum::extract::State;
use axum::http::StatusCode;
use types::{ChatId, MessageId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Listing, Message, NewMessage};
use super::service::Messages;

/// The routes.
pub fn routes() -> OpenApiRouter<Messages> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(send, list))
        .routes(routes!(find))
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
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "messenger", params(("id" = u64, Path)), responses((status = 200, body = Message), Problems))]
async fn find(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    PathId(id): PathId<MessageId>,
) -> Result<axum::Json<Message>, Failure> {
    Ok(axum::Json(messages.find(&caller, id).await?.into()))
}
