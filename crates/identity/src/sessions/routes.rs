//! `/.well-known/jwks.json`.

use api::PublicKey;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Sessions;

/// The routes.
pub fn routes() -> OpenApiRouter<Sessions> {
    OpenApiRouter::new().routes(routes!(keys))
}

/// The keys that access tokens are verified with
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "account", responses((status = 200, body = Keys)))]
async fn keys(State(sessions): State<Sessions>) -> Json<Keys> {
    Json(Keys { keys: sessions.public_keys() })
}

/// A set of JSON Web Keys.
#[derive(Serialize, ToSchema)]
struct Keys {
    keys: Vec<PublicKey>,
}
