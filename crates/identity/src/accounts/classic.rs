//! Signing up, as the older clients do: `/signup` and `/auth/register`.

use api::{Failure, LooseJson, Problems};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::UserId;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Account, Accounts, Registration};

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(sign_up)).routes(routes!(register))
}

/// Sign up
#[utoipa::path(post, path = "/signup", tag = "account", request_body = NewAccount, responses((status = 201, body = SignedUp), Problems))]
async fn sign_up(
    State(accounts): State<Accounts>,
    LooseJson(new): LooseJson<NewAccount>,
) -> Result<(StatusCode, Json<SignedUp>), Failure> {
    let Account { id, email, timezone, .. } = accounts.sign_up(new.into()).await?;
    Ok((StatusCode::CREATED, Json(SignedUp { id, email, timezone })))
}

/// Register
#[utoipa::path(post, path = "/auth/register", tag = "account", request_body = NewAccount, responses((status = 201, body = Registered), Problems))]
async fn register(
    State(accounts): State<Accounts>,
    LooseJson(new): LooseJson<NewAccount>,
) -> Result<(StatusCode, Json<Registered>), Failure> {
    let Account { id, email, .. } = accounts.sign_up(new.into()).await?;
    Ok((StatusCode::CREATED, Json(Registered { message: "User registered", user_id: id, id, email })))
}

/// Somebody who wants to sign up. Whatever else is sent, a role for instance, is not looked at.
#[derive(Deserialize, ToSchema)]
struct NewAccount {
    email: String,
    password: String,
    name: Option<String>,
    timezone: Option<String>,
}

impl From<NewAccount> for Registration {
    fn from(new: NewAccount) -> Self {
        let NewAccount { email, password, name, timezone } = new;
        Self { email, password, name, timezone, ..Self::default() }
    }
}

/// A new account, as the calendar's clients read it.
#[derive(Serialize, ToSchema)]
struct SignedUp {
    #[schema(value_type = u64)]
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    timezone: String,
}

/// A new account, as the task page reads it.
#[derive(Serialize, ToSchema)]
struct Registered {
    message: &'static str,
    #[schema(value_type = u64)]
    user_id: UserId,
    #[schema(value_type = u64)]
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}
