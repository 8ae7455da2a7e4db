//! `/api/v1/chats/events` and `/api/v1/chats/live`, and what is told there alone.

use api::edge::{Asked, Lasting, language};
use api::events::last_heard;
use api::{Failure, PathId, Problems, Query, Signed};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use types::{ChatId, Text, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::event::{ChatEvent, HiddenEvent, PositionEvent, PresenceEvent, ReadEvent, TypingEvent};
use super::place::Place;
use super::said::Speaker;
use super::service::Live;
use super::stay::Stay;
use super::{socket, sse};

/// People asked for at once.
const MOST: usize = 100;

const BAD_SINCE: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: since is the position of an event",
    uk: "Параметри запиту неможливо зрозуміти: since — це position події",
    ru: "Параметры запроса невозможно понять: since — это position события",
};
const BAD_USERS: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: users are up to 100 ids with commas between them",
    uk: "Параметри запиту неможливо зрозуміти: users — це до 100 id через кому",
    ru: "Параметры запроса невозможно понять: users — это до 100 id через запятую",
};
const NO_SOCKET: Text = Text {
    code: "not_a_socket",
    en: "This is a WebSocket; open it as one",
    uk: "Це WebSocket; відкрийте його як WebSocket",
    ru: "Это WebSocket; откройте его как WebSocket",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Live> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(events))
        .routes(routes!(live))
        .routes(routes!(typing))
        .routes(routes!(presence))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    ChatEvent,
    HiddenEvent,
    PositionEvent,
    PresenceEvent,
    ReadEvent,
    TypingEvent
)))]
struct Documents;

/// What happens in all your chats, as it happens
///
/// First comes `ready` with a `PositionEvent`. Then `message`, `edited` and `deleted` with a `Message` each, `hidden` (for
/// you alone) with a `HiddenEvent`, `read` with a `ReadEvent`, `chat` (it is new for you or has changed) and `left` (you
/// are out) with a `ChatEvent`, in the order of each chat. The `id` of each is the position behind it: a client that lost
/// its connection sends the last one as `Last-Event-ID` (browsers do) and hears what it missed, each once. `typing` and
/// `presence` are told to those alone who listen at that moment. `position` says now and then how far you are; after
/// `reset`, for whoever was away too long, load everything anew; `dropped` is the last event of one that is too slow.
#[utoipa::path(get, path = "/api/v1/chats/events", tag = "messenger", params(From, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Problems))]
async fn events(
    Signed(caller): Signed,
    State(live): State<Live>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let since = place(last_heard(&headers).or(from.since.as_deref()))?;
    Ok(sse::events(Stay::open(live, caller, None, since).await?))
}

/// The same as a WebSocket, on which you can talk too
///
/// Each event is a text `{"type", "position", "data"}`. You may say `{"type": "send", "chat_id", "text", "client_key"}`,
/// which is answered with `sent` (its `data` is the message) or `error` (its `data` is a `Problem`), both with your
/// `client_key`; `{"type": "typing", "chat_id"}`; `{"type": "received", "chat_id", "seq"}` when everything up to there has
/// arrived; and, before your token ends, `{"type": "token", "token"}`, which is answered with `renewed`. Each counts like the
/// request that does the same; one too many is answered with an `error` that says in how many seconds, `retry_after`, it may
/// be said again. It closes with 4401 when the session or the token has ended, with 4008 when you are too slow, with 4000
/// when you say anything else.
#[utoipa::path(get, path = "/api/v1/chats/live", tag = "messenger", params(From),
    responses((status = 101, description = "It is a WebSocket from here on"), Problems))]
async fn live(
    Signed(caller): Signed,
    State(live): State<Live>,
    Query(from): Query<From>,
    lasting: Option<Extension<Lasting>>,
    Extension(asked): Extension<Asked>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let since = place(from.since.as_deref())?;
    let upgrade = upgrade.map_err(|_| Failure::bad_request(NO_SOCKET))?;
    let lasting = lasting.map(|Extension(lasting)| lasting);
    let expires = lasting.as_ref().and_then(Lasting::expires);
    let stay = Stay::open(live, caller, expires, since).await?;
    Ok(socket::become_one(
        upgrade,
        stay,
        lasting,
        Speaker { client: asked.client, language: language(&headers) },
    ))
}

/// You are writing something in a chat
#[utoipa::path(post, path = "/api/v1/chats/{id}/typing", tag = "messenger", params(("id" = u64, Path)), responses((status = 204), Problems))]
async fn typing(
    Signed(caller): Signed,
    State(live): State<Live>,
    PathId(chat): PathId<ChatId>,
) -> Result<StatusCode, Failure> {
    live.typing(&caller, chat).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who of those you talk with is here; of anybody else it is said that they are not
#[utoipa::path(get, path = "/api/v1/presence", tag = "messenger", params(Users), responses((status = 200, body = Presence), Problems))]
async fn presence(
    Signed(caller): Signed,
    State(live): State<Live>,
    Query(asked): Query<Users>,
) -> Result<axum::Json<Presence>, Failure> {
    let users: Result<Vec<UserId>, _> = asked.users.split(',').map(str::parse).collect();
    let users = users.ok().filter(|users| users.len() <= MOST);
    let users = users.ok_or_else(|| Failure::bad_request(BAD_USERS))?;
    let found = live.presence(&caller, users).await?.into_iter();
    let items = found.map(|(user_id, online)| PresenceEvent { user_id, online }).collect();
    Ok(axum::Json(Presence { items }))
}

fn place(said: Option<&str>) -> Result<Option<Place>, Failure> {
    said.map(str::parse).transpose().map_err(|_| Failure::bad_request(BAD_SINCE))
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct From {
    /// The position behind which to go on; from now on when not given.
    since: Option<String>,
}

/// About whom.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Users {
    /// Their ids with commas between them, 100 at the most.
    users: String,
}

/// Who is here.
#[derive(Serialize, ToSchema)]
struct Presence {
    items: Vec<PresenceEvent>,
}
