//! `/api/v1/messages/{id}/trail`.

use api::{Failure, PathId, Problems, Signed};
use axum::Json;
use axum::extract::State;
use types::MessageId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bodies::Trail;
use super::service::Trails;

/// The routes.
pub fn routes() -> OpenApiRouter<Trails> {
    OpenApiRouter::new().routes(routes!(find))
}

/// What became of a message: stored, published, processed, delivered, read
#[utoipa::path(get, path = "/api/v1/messages/{id}/trail", tag = "messenger", params(("id" = u64, Path)), responses((status = 200, body = Trail), Problems))]
async fn find(
    Signed(caller): Signed,
    State(trails): State<Trails>,
    PathId(id): PathId<MessageId>,
) -> Result<Json<Trail>, Failure> {
    Ok(Json(trails.find(&caller, id).await?.into()))
}
