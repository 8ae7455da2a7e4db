//! Who there is, for other domains.

use api::{Failure, LooseJson, Problems};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::{Result, UserId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Accounts;

/// People looked for at once.
const AT_ONCE: usize = 100;

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(known))
}

impl Accounts {
    /// Those of these who have an account.
    pub async fn known(&self, ids: &[UserId]) -> Result<Vec<UserId>> {
        let mut known = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            known.extend(self.store.those_of(part).await?);
        }
        Ok(known)
    }
}

/// Which of these people have an account
#[utoipa::path(post, path = "/auth/known", tag = "account", request_body = Wanted, responses((status = 200, body = Known), Problems))]
async fn known(
    State(accounts): State<Accounts>,
    LooseJson(Wanted { ids }): LooseJson<Wanted>,
) -> Result<Json<Known>, Failure> {
    Ok(Json(Known { known: accounts.known(&ids).await? }))
}

/// Whom to look for.
#[derive(Deserialize, ToSchema)]
struct Wanted {
    #[schema(value_type = Vec<u64>)]
    ids: Vec<UserId>,
}

/// Those who were found.
#[derive(Serialize, ToSchema)]
struct Known {
    #[schema(value_type = Vec<u64>)]
    known: Vec<UserId>,
}
