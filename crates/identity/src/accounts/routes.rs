//! `/api/v1/me`.

use api::{Failure, Problem, Problems, Signed};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::{Role, Timestamp, UserId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Account, Accounts};

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi()).routes(routes!(me))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Who you are
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = Me), Problems))]
async fn me(Signed(caller): Signed, State(accounts): State<Accounts>) -> Result<Json<Me>, Failure> {
    Ok(Json(accounts.find(caller.user).await?.into()))
}

/// A person, as they see themselves.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[schema(value_type = u64)]
    id: UserId,
    email: Option<String>,
    name: String,
    #[schema(value_type = String)]
    role: Role,
    timezone: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Account> for Me {
    fn from(account: Account) -> Self {
        let Account { id, email, name, role, timezone, created_at, .. } = account;
        Self { id, email, name, role, timezone, created_at }
    }
}
