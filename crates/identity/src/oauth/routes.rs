//! `/api/v1/me/logins`.

use api::{Failure, Problems, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use types::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Oauth;
use super::answers::Named;
use super::login::Login;

/// The routes.
pub fn routes() -> OpenApiRouter<Oauth> {
    OpenApiRouter::new().routes(routes!(doors)).routes(routes!(list)).routes(routes!(unlink))
}

/// How people come in here
#[utoipa::path(get, path = "/api/v1/doors", tag = "account", responses((status = 200, body = Doors)))]
async fn doors(State(oauth): State<Oauth>) -> Json<Doors> {
    let code_required = oauth.sessions().needs_codes();
    Json(Doors { providers: oauth.providers().map(str::to_owned).collect(), code_required })
}

/// What you sign in with elsewhere
#[utoipa::path(get, path = "/api/v1/me/logins", tag = "account", responses((status = 200, body = Logins), Problems))]
async fn list(Signed(caller): Signed, State(oauth): State<Oauth>) -> Result<Json<Logins>, Failure> {
    let list = oauth.logins(&caller).await?;
    Ok(Json(Logins { items: list.into_iter().map(Linked::from).collect() }))
}

/// Sign in with this provider no more
#[utoipa::path(delete, path = "/api/v1/me/logins/{provider}", tag = "account", params(("provider" = String, Path)), responses((status = 204), Problems))]
async fn unlink(
    Signed(caller): Signed,
    State(oauth): State<Oauth>,
    Named(provider): Named,
) -> Result<StatusCode, Failure> {
    oauth.unlink(&caller, &provider).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How people come in here.
#[derive(Serialize, ToSchema)]
struct Doors {
    /// Who else may say who somebody is, as in `/auth/oauth/{provider}`.
    providers: Vec<String>,
    /// Whether a code has to prove an address to sign up.
    code_required: bool,
}

/// Accounts elsewhere that open this one.
#[derive(Serialize, ToSchema)]
struct Logins {
    items: Vec<Linked>,
}

/// An account elsewhere that opens this one.
#[derive(Serialize, ToSchema)]
struct Linked {
    provider: String,
    /// The address that the provider said when it was linked.
    email: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Login> for Linked {
    fn from(Login { provider, email, created_at, .. }: Login) -> Self {
        Self { provider, email, created_at }
    }
}
