//! `/api/v1/me` and `/api/v1/accounts`.

use api::{Failure, Json, PathId, Problem, Problems, Signed};
use axum::extract::State;
use axum::http::StatusCode;
use types::UserId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{Leaving, Me, Sent};
use super::asking::Visitor;
use super::bodies::{Address, Code, Leave, NewAccount, NewRole, Number, Passwords, Patch, Zone};
use super::secrets::NewPassword;
use super::{Accounts, Change, Demand};
use crate::done::Done;

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::with_openapi(<Documents as utoipa::OpenApi>::openapi())
        .routes(routes!(sign_up))
        .routes(routes!(see))
        .routes(routes!(change_role))
        .routes(routes!(me, change, leave))
        .routes(routes!(change_zone))
        .routes(routes!(change_password))
        .routes(routes!(ask_email))
        .routes(routes!(confirm_email))
        .routes(routes!(ask_phone))
        .routes(routes!(confirm_phone))
}

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Documents;

/// Sign up
#[utoipa::path(post, path = "/api/v1/accounts", tag = "account", request_body = NewAccount, responses((status = 201, body = Me), Problems))]
async fn sign_up(
    State(accounts): State<Accounts>,
    visitor: Visitor,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, axum::Json<Me>), Failure> {
    let account = accounts.sign_up(new.registration(visitor)).await?;
    Ok((StatusCode::CREATED, axum::Json(account.into())))
}

/// Somebody's account
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "account", params(("id" = u64, Path)), responses((status = 200, body = Me), Problems))]
async fn see(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    PathId(id): PathId<UserId>,
) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.see(&caller, id).await?.into()))
}

/// Say what somebody may do
#[utoipa::path(put, path = "/api/v1/accounts/{id}/role", tag = "account", params(("id" = u64, Path)), request_body = NewRole, responses((status = 200, body = Me), Problems))]
async fn change_role(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    PathId(id): PathId<UserId>,
    Json(NewRole { role }): Json<NewRole>,
) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.change_role(&caller, id, role).await?.into()))
}

/// Who you are
#[utoipa::path(get, path = "/api/v1/me", tag = "account", responses((status = 200, body = Me), Problems))]
async fn me(Signed(caller): Signed, State(accounts): State<Accounts>) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.find(caller.user).await?.into()))
}

/// Say something else about yourself; what is not named stays
#[utoipa::path(patch, path = "/api/v1/me", tag = "account", request_body = Patch, responses((status = 200, body = Me), Problems))]
async fn change(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(patch): Json<Patch>,
) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.change(&caller, patch.into()).await?.into()))
}

/// Delete your account; signing in within 30 days brings it back
#[utoipa::path(delete, path = "/api/v1/me", tag = "account", request_body = Leave, responses((status = 200, body = Leaving), Problems))]
async fn leave(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    Json(Leave { password }): Json<Leave>,
) -> Result<axum::Json<Leaving>, Failure> {
    Ok(axum::Json(Leaving::at(accounts.leave(&caller, &password, &asking.address).await?)))
}

/// Say where you are
#[utoipa::path(put, path = "/api/v1/me/timezone", tag = "account", request_body = Zone, responses((status = 200, body = Me), Problems))]
async fn change_zone(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(Zone { timezone }): Json<Zone>,
) -> Result<axum::Json<Me>, Failure> {
    let change = Change { timezone: Some(timezone), ..Change::default() };
    Ok(axum::Json(accounts.change(&caller, change).await?.into()))
}

/// Change your password; all your other sessions end
#[utoipa::path(put, path = "/api/v1/me/password", tag = "account", request_body = Passwords, responses((status = 200, body = Done), Problems))]
async fn change_password(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    Json(Passwords { old_password, new_password }): Json<Passwords>,
) -> Result<axum::Json<Done>, Failure> {
    let passwords = NewPassword { old: &old_password, new: &new_password, demand: Demand::Uncommon };
    accounts.change_password(&caller, caller.user, passwords, &asking.address).await?;
    Ok(axum::Json(Done::new("The password is changed; all other sessions have ended")))
}

/// Ask for a code to the e-mail address that you want, or have and want to prove
#[utoipa::path(post, path = "/api/v1/me/email", tag = "account", request_body = Address, responses((status = 200, body = Sent), Problems))]
async fn ask_email(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    Json(wanted): Json<Address>,
) -> Result<axum::Json<Sent>, Failure> {
    let until = accounts.ask_move(&caller, wanted.target()?, &wanted.password, &asking).await?;
    Ok(axum::Json(Sent::until(until)))
}

/// Make the e-mail address yours that the code was sent to
#[utoipa::path(post, path = "/api/v1/me/email/confirm", tag = "account", request_body = Code, responses((status = 200, body = Me), Problems))]
async fn confirm_email(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(Code { code }): Json<Code>,
) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.confirm_move(&caller, false, &code).await?.into()))
}

/// Ask for a code to the phone number that you want, or have and want to prove
#[utoipa::path(post, path = "/api/v1/me/phone", tag = "account", request_body = Number, responses((status = 200, body = Sent), Problems))]
async fn ask_phone(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    Json(wanted): Json<Number>,
) -> Result<axum::Json<Sent>, Failure> {
    let until = accounts.ask_move(&caller, wanted.target()?, &wanted.password, &asking).await?;
    Ok(axum::Json(Sent::until(until)))
}

/// Make the phone number yours that the code was sent to
#[utoipa::path(post, path = "/api/v1/me/phone/confirm", tag = "account", request_body = Code, responses((status = 200, body = Me), Problems))]
async fn confirm_phone(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(Code { code }): Json<Code>,
) -> Result<axum::Json<Me>, Failure> {
    Ok(axum::Json(accounts.confirm_move(&caller, true, &code).await?.into()))
}
