//! `/send`, `/chat` and `/chats` at the root, as the clients of document 4 know them.

use api::{Failure, LooseJson, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::check::{Checks, REQUIRED};
use types::{MessageId, Text, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::Messages;

/// Messages of a page when nobody says, and at the most; chats of an answer.
const USUAL: i64 = 50;
const MOST: i64 = 200;

const BAD_PAL: Text = Text {
    code: "bad_query",
    en: "The query cannot be understood: pal_id is the id of a person",
    uk: "Параметри запиту неможливо зрозуміти: pal_id — це id людини",
    ru: "Параметры запроса невозможно понять: pal_id — это id человека",
};

/// The routes.
pub fn routes() -> OpenApiRouter<Messages> {
    OpenApiRouter::new().routes(routes!(send)).routes(routes!(chat)).routes(routes!(chats))
}

/// Say something to somebody
#[utoipa::path(post, path = "/send", tag = "messenger", request_body = NewPlain, responses((status = 201, body = Plain), Problems))]
async fn send(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    LooseJson(new): LooseJson<NewPlain>,
) -> Result<(StatusCode, Json<Plain>), Failure> {
    let (pal, text) = new.checked()?;
    let sent = messages.send_to(&caller, pal, "message", &text).await?;
    let plain = Plain {
        id: sent.id,
        pal_id: pal,
        user_id: sent.user,
        created_at: sent.created_at.seconds(),
        message: sent.text,
    };
    Ok((StatusCode::CREATED, Json(plain)))
}

/// What you and somebody said to each other, newest first
#[utoipa::path(get, path = "/chat", tag = "messenger", params(Span), responses((status = 200, body = [Plain]), Problems))]
async fn chat(
    Signed(caller): Signed,
    State(messages): State<Messages>,
    Query(span): Query<Span>,
) -> Result<Json<Vec<Plain>>, Failure> {
    let pal = span.pal_id.and_then(|pal| UserId::new(pal).ok());
    let pal = pal.ok_or_else(|| Failure::bad_request(BAD_PAL))?;
    let limit = span.limit.unwrap_or(USUAL).clamp(0, MOST);
    let found = messages.list_with(&caller, pal, span.offset.unwrap_or(0).max(0), limit).await?;
    let to = |user| if user == caller.user { pal } else { caller.user };
    Ok(Json(found.into_iter().map(|message| Plain::of(to(message.user), message)).collect()))
}

/// The last message with each of those you talk with, newest first
#[utoipa::path(get, path = "/chats", tag = "messenger", responses((status = 200, body = [Plain]), Problems))]
async fn chats(
    Signed(caller): Signed,
    State(messages): State<Messages>,
) -> Result<Json<Vec<Plain>>, Failure> {
    let views = messages.partners(&caller, MOST).await?;
    let rows = views.into_iter().filter_map(|view| Some(Plain::of(view.pal?, view.last?)));
    Ok(Json(rows.collect()))
}

/// A message to be.
#[derive(Deserialize, ToSchema)]
struct NewPlain {
    #[schema(value_type = u64)]
    pal_id: Option<UserId>,
    /// At most 4,096 characters.
    message: Option<String>,
}

impl NewPlain {
    fn checked(self) -> Result<(UserId, String), types::Error> {
        let mut checks = Checks::default();
        if self.pal_id.is_none() {
            checks.refuse("pal_id", REQUIRED);
        }
        if self.message.is_none() {
            checks.refuse("message", REQUIRED);
        }
        checks.done()?;
        // Both are there: that is what was checked.
        Ok((self.pal_id.unwrap_or(UserId::trusted(0)), self.message.unwrap_or_default()))
    }
}

/// Which messages are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// With whom.
    pal_id: Option<i64>,
    /// How many of the newest to pass over; 0 when not given.
    offset: Option<i64>,
    /// How many, 200 at the most; 50 when not given.
    limit: Option<i64>,
}

/// A message as the older clients read it.
#[derive(Serialize, ToSchema)]
struct Plain {
    #[schema(value_type = u64)]
    id: MessageId,
    #[schema(value_type = u64)]
    pal_id: UserId,
    /// Who wrote it.
    #[schema(value_type = u64)]
    user_id: UserId,
    /// Unix seconds.
    created_at: i64,
    /// Empty once it is deleted.
    message: String,
}

impl Plain {
    fn of(pal: UserId, message: super::Message) -> Self {
        let super::Message { id, user, created_at, text, .. } = message;
        Self {
            id,
            pal_id: pal,
            user_id: user,
            created_at: created_at.seconds(),
            message: text.unwrap_or_default(),
        }
    }
}
