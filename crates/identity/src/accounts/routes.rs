//! `/api/v1/me` and `/api/v1/accounts`.

use api::{Failure, IfMatch, IfNoneMatch, Json, PathId, Problem, Problems, Signed, Tagged};
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
#[utoipa::path(post, path = "/api/v1/accounts", tag = "account", request_body = NewAccount, responses((status = 201, body = Me, headers(("ETag" = String))), Problems))]
async fn sign_up(
    State(accounts): State<Accounts>,
    visitor: Visitor,
    Json(new): Json<NewAccount>,
) -> Result<(StatusCode, Tagged<Me>), Failure> {
    let account = accounts.sign_up(new.registration(visitor)).await?;
    Ok((StatusCode::CREATED, Tagged::new(account.into())))
}

/// Somebody's account
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "account", params(("id" = u64, Path), IfNoneMatch), responses((status = 304), (status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn see(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    PathId(id): PathId<UserId>,
    known: IfNoneMatch,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(Me::from(accounts.see(&caller, id).await?)).unless(&known))
}

/// Say what somebody may do
#[utoipa::path(put, path = "/api/v1/accounts/{id}/role", tag = "account", params(("id" = u64, Path)), request_body = NewRole, responses((status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn change_role(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    PathId(id): PathId<UserId>,
    Json(NewRole { role }): Json<NewRole>,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(accounts.change_role(&caller, id, role).await?.into()))
}

/// Who you are
#[utoipa::path(get, path = "/api/v1/me", tag = "account", params(IfNoneMatch), responses((status = 304), (status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn me(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    known: IfNoneMatch,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(Me::from(accounts.find(caller.user).await?)).unless(&known))
}

/// Say something else about yourself; what is not named stays
#[utoipa::path(patch, path = "/api/v1/me", tag = "account", params(IfMatch), request_body = Patch, responses((status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn change(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    IfMatch(expected): IfMatch,
    Json(patch): Json<Patch>,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(accounts.change(&caller, patch.change(expected)).await?.into()))
}

/// Delete your account; signing in within 30 days brings it back
#[utoipa::path(delete, path = "/api/v1/me", tag = "account", params(IfMatch), request_body = Leave, responses((status = 200, body = Leaving), Problems))]
async fn leave(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    IfMatch(expected): IfMatch,
    Json(Leave { password }): Json<Leave>,
) -> Result<axum::Json<Leaving>, Failure> {
    let removed_at = accounts.leave(&caller, &password, &asking.address, &expected).await?;
    Ok(axum::Json(Leaving::at(removed_at)))
}

/// Say where you are
#[utoipa::path(put, path = "/api/v1/me/timezone", tag = "account", params(IfMatch), request_body = Zone, responses((status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn change_zone(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    IfMatch(expected): IfMatch,
    Json(Zone { timezone }): Json<Zone>,
) -> Result<Tagged<Me>, Failure> {
    let change = Change { timezone: Some(timezone), expected, ..Change::default() };
    Ok(Tagged::new(accounts.change(&caller, change).await?.into()))
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
#[utoipa::path(post, path = "/api/v1/me/email/confirm", tag = "account", request_body = Code, responses((status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn confirm_email(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(Code { code }): Json<Code>,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(accounts.confirm_move(&caller, false, &code).await?.into()))
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
#[utoipa::path(post, path = "/api/v1/me/phone/confirm", tag = "account", request_body = Code, responses((status = 200, body = Me, headers(("ETag" = String))), Problems))]
async fn confirm_phone(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Json(Code { code }): Json<Code>,
) -> Result<Tagged<Me>, Failure> {
    Ok(Tagged::new(accounts.confirm_move(&caller, true, &code).await?.into()))
}
