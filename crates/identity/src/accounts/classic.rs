//! Signing up and passwords, as the older clients do: the root paths, and the rooms `/auth/…` and `/api/auth/…`.

use api::{Failure, LooseJson, PathId, Problems, Signed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use types::check::{Checks, REQUIRED};
use types::{Error, Result, UserId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answers::{Me, Sent, SignedUp};
use super::asking::Visitor;
use super::identifier::{email, phone};
use super::secrets::NewPassword;
use super::texts::NO_ACCOUNT;
use super::{Account, Accounts, Change, Demand, Registration};
use crate::Target;
use crate::done::Done;

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(register))
        .routes(routes!(change))
        .nest("/auth", room())
        .nest("/api/auth", room())
}

/// What is to be found in both rooms.
fn room() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(update_password))
        .routes(routes!(reset_password))
        .routes(routes!(confirm_reset_password))
}

/// Sign up
#[utoipa::path(post, path = "/signup", tag = "account", request_body = NewAccount, responses((status = 201, body = InZone), Problems))]
async fn sign_up(
    State(accounts): State<Accounts>,
    visitor: Visitor,
    LooseJson(new): LooseJson<NewAccount>,
) -> Result<(StatusCode, Json<InZone>), Failure> {
    let account = accounts.sign_up(new.registration(visitor)).await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}

/// Register
#[utoipa::path(post, path = "/register", tag = "account", request_body = NewAccount, responses((status = 201, body = SignedUp), Problems))]
async fn register(
    State(accounts): State<Accounts>,
    visitor: Visitor,
    LooseJson(new): LooseJson<NewAccount>,
) -> Result<(StatusCode, Json<SignedUp>), Failure> {
    let account = accounts.sign_up(new.registration(visitor)).await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}

/// Say where you are
#[utoipa::path(put, path = "/user/{id}", tag = "account", params(("id" = u64, Path)), request_body = Place, responses((status = 200, body = Me), Problems))]
async fn change(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    PathId(id): PathId<UserId>,
    LooseJson(place): LooseJson<Place>,
) -> Result<Json<Me>, Failure> {
    if id != caller.user {
        return Err(Error::NotFound(NO_ACCOUNT).into());
    }
    let change = Change { timezone: Some(place.timezone), ..Change::default() };
    Ok(Json(accounts.change(&caller, change).await?.into()))
}

/// Change your password
#[utoipa::path(post, path = "/update-password", tag = "account", request_body = Passwords, responses((status = 200, body = Done), Problems))]
async fn update_password(
    Signed(caller): Signed,
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    LooseJson(body): LooseJson<Passwords>,
) -> Result<Json<Done>, Failure> {
    let passwords = NewPassword { old: &body.old_password, new: &body.new_password, demand: Demand::Length };
    let user = body.user_id.unwrap_or(caller.user);
    accounts.change_password(&caller, user, passwords, &asking.address).await?;
    Ok(Json(Done::new("The password is changed; all other sessions have ended")))
}

/// Ask for a code by which a forgotten password can be replaced
#[utoipa::path(post, path = "/reset-password", tag = "account", request_body = Forgotten, responses((status = 200, body = Sent), Problems))]
async fn reset_password(
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    LooseJson(forgotten): LooseJson<Forgotten>,
) -> Result<Json<Sent>, Failure> {
    let target = target(forgotten.email.as_deref(), forgotten.phone_number.as_deref())?;
    Ok(Json(Sent::until(accounts.ask_reset(&target, &asking).await?)))
}

/// Replace a forgotten password
#[utoipa::path(post, path = "/confirm-reset-password", tag = "account", request_body = Replaced, responses((status = 200, body = Done), Problems))]
async fn confirm_reset_password(
    State(accounts): State<Accounts>,
    Visitor(asking): Visitor,
    LooseJson(new): LooseJson<Replaced>,
) -> Result<Json<Done>, Failure> {
    let target = target(new.email.as_deref(), new.phone_number.as_deref())?;
    accounts.reset(&target, &new.code, &new.new_password, &asking.address).await?;
    Ok(Json(Done::new("The password is changed; all sessions have ended")))
}

/// Where a code goes.
fn target(address: Option<&str>, number: Option<&str>) -> Result<Target> {
    let given = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let mut checks = Checks::default();
    let found = match (given(address), given(number)) {
        (Some(text), _) => checks.take(email("email", &text)).map(Target::Email),
        (None, Some(text)) => checks.take(phone("phone_number", &text)).map(Target::Phone),
        (None, None) => None,
    };
    checks.done()?;
    found.ok_or_else(|| Error::invalid("email", REQUIRED))
}

/// Somebody who wants to sign up, in the words of any of the older clients. Whatever else is sent, a role for instance,
/// is not looked at.
#[derive(Deserialize, ToSchema)]
struct NewAccount {
    email: Option<String>,
    phone_number: Option<String>,
    /// A user name, or any of the other two.
    username: Option<String>,
    /// The same.
    user: Option<String>,
    password: Option<String>,
    /// The same.
    pass: Option<String>,
    name: Option<String>,
    timezone: Option<String>,
    /// The code that was sent to the address or the number.
    code: Option<String>,
    /// `phone` when the code was sent to the number and an address is given too.
    confirm_type: Option<String>,
}

impl NewAccount {
    fn registration(self, Visitor(asking): Visitor) -> Registration {
        let Self { email, phone_number, username, user, password, pass, .. } = self;
        let Self { name, timezone, code, confirm_type, .. } = self;
        Registration {
            email,
            phone: phone_number,
            login: username.or(user),
            password: password.or(pass).unwrap_or_default(),
            code,
            code_by_phone: confirm_type.is_some_and(|kind| kind.to_lowercase().starts_with("phone")),
            name,
            timezone,
            language: asking.language,
            address: asking.address,
            ..Registration::default()
        }
    }
}

/// Where somebody is.
#[derive(Deserialize, ToSchema)]
struct Place {
    timezone: String,
}

/// A password for another one.
#[derive(Deserialize, ToSchema)]
struct Passwords {
    /// Whose; nobody's but one's own.
    #[schema(value_type = Option<u64>)]
    user_id: Option<UserId>,
    old_password: String,
    new_password: String,
}

/// Who forgot their password.
#[derive(Deserialize, ToSchema)]
struct Forgotten {
    email: Option<String>,
    phone_number: Option<String>,
}

/// The code that was sent, and another password.
#[derive(Deserialize, ToSchema)]
struct Replaced {
    email: Option<String>,
    phone_number: Option<String>,
    code: String,
    new_password: String,
}

/// A new account, as the calendar's clients read it.
#[derive(Serialize, ToSchema)]
struct InZone {
    #[schema(value_type = u64)]
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    timezone: String,
}

impl From<Account> for InZone {
    fn from(account: Account) -> Self {
        let Account { id, email, timezone, .. } = account;
        Self { id, email, timezone }
    }
}
