//! `/api/v1/messages/statistics`.

use api::{Failure, Problems, Query, Signed};
use axum::Json;
use axum::extract::State;
use types::Timestamp;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::{Range, Second, Statistics};
use super::service::Counts;

/// The routes.
pub fn routes() -> OpenApiRouter<Counts> {
    OpenApiRouter::new().routes(routes!(statistics))
}

/// How many processed messages were written between two moments, both included
#[utoipa::path(get, path = "/api/v1/messages/statistics", tag = "messenger", params(Range), responses((status = 200, body = Statistics), Problems))]
async fn statistics(
    Signed(caller): Signed,
    State(counts): State<Counts>,
    Query(range): Query<Range>,
) -> Result<Json<Statistics>, Failure> {
    let Range { of, since, to } = range;
    let (Second(since), Second(to)) = (since, to.unwrap_or_else(|| Second(counts.now())));
    let messages = counts.count(of.of(caller.user), since, to).await?;
    let [since, to] = [since, to].map(|second| Timestamp::from_millis(second * 1_000));
    Ok(Json(Statistics { of, messages, since, to }))
}
