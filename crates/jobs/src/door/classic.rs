//! `/jobs` at the root, as document 5 has it.

use utoipa_axum::router::OpenApiRouter;

use super::service::Jobs;

/// The routes.
pub fn routes() -> OpenApiRouter<Jobs> {
    OpenApiRouter::new()
}
