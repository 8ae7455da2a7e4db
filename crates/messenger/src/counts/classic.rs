//! `/MessagesReceived`, `/MessagesReceivedByUser` and `/MessagesSentByUser`, as the clients of document 4 know them.

use api::{Failure, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::{Result, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Of;
use super::service::Counts;

/// The routes.
pub fn routes() -> OpenApiRouter<Counts> {
    OpenApiRouter::new()
        .routes(routes!(received))
        .routes(routes!(received_by_user))
        .routes(routes!(sent_by_user))
}

/// How many processed messages there are in the house
#[utoipa::path(get, path = "/MessagesReceived", tag = "messenger", params(Bounds), responses((status = 200, body = Received), Problems))]
async fn received(
    Signed(_caller): Signed,
    State(counts): State<Counts>,
    Query(bounds): Query<Bounds>,
) -> Result<Json<Received>, Failure> {
    let (messages, since, to) = bounds.count(&counts, Of::All).await?;
    Ok(Json(Received { messages, since, to }))
}

/// How many processed messages came to you
#[utoipa::path(get, path = "/MessagesReceivedByUser", tag = "messenger", params(Bounds), responses((status = 200, body = ByUser), Problems))]
async fn received_by_user(
    Signed(caller): Signed,
    State(counts): State<Counts>,
    Query(bounds): Query<Bounds>,
) -> Result<Json<ByUser>, Failure> {
    let (messages, since, to) = bounds.count(&counts, Of::Received(caller.user)).await?;
    Ok(Json(ByUser { user_id: caller.user, messages, since, to }))
}

/// How many processed messages you wrote
#[utoipa::path(get, path = "/MessagesSentByUser", tag = "messenger", params(Bounds), responses((status = 200, body = ByUser), Problems))]
async fn sent_by_user(
    Signed(caller): Signed,
    State(counts): State<Counts>,
    Query(bounds): Query<Bounds>,
) -> Result<Json<ByUser>, Failure> {
    let (messages, since, to) = bounds.count(&counts, Of::Sent(caller.user)).await?;
    Ok(Json(ByUser { user_id: caller.user, messages, since, to }))
}

/// Between which seconds messages were written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Bounds {
    /// The first, in Unix seconds; 0 when not given.
    since: Option<u64>,
    /// The last, included; now when not given.
    to: Option<u64>,
}

impl Bounds {
    /// The count, and the bounds that it has.
    async fn count(&self, counts: &Counts, of: Of) -> Result<(i64, u64, u64)> {
        let now = || u64::try_from(counts.now()).unwrap_or(0);
        let (since, to) = (self.since.unwrap_or(0), self.to.unwrap_or_else(now));
        Ok((counts.count(of, second(since), second(to)).await?, since, to))
    }
}

/// Nothing was written beyond what can be counted up to.
fn second(second: u64) -> i64 {
    const END: i64 = 1 << 53;
    i64::try_from(second).unwrap_or(END).min(END)
}

/// Messages of everybody.
#[derive(Serialize, ToSchema)]
struct Received {
    messages: i64,
    since: u64,
    to: u64,
}

/// Messages of one person.
#[derive(Serialize, ToSchema)]
struct ByUser {
    #[schema(value_type = u64)]
    user_id: UserId,
    messages: i64,
    since: u64,
    to: u64,
}
