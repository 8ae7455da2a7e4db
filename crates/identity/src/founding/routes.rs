//! `/api/v1/first-administrator`.

use api::{Failure, Json, Problems};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::Language;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Founding;
use crate::Registration;
use crate::accounts::{Demand, Me, Visitor};

/// The routes.
pub fn routes() -> OpenApiRouter<Founding> {
    OpenApiRouter::new().routes(routes!(found))
}

/// Become the first administrator, by the link that was shown when the house was first started
#[utoipa::path(post, path = "/api/v1/first-administrator", tag = "account", request_body = Founder, responses((status = 201, body = Me), Problems))]
async fn found(
    State(founding): State<Founding>,
    visitor: Visitor,
    Json(founder): Json<Founder>,
) -> Result<(StatusCode, axum::Json<Me>), Failure> {
    let (token, registration) = founder.taken(visitor);
    let account = founding.found(&token, registration).await?;
    Ok((StatusCode::CREATED, axum::Json(account.into())))
}

/// Whoever has the link, with an address or a user name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Founder {
    /// What stands behind `=` in the link.
    token: String,
    email: Option<String>,
    /// Letters, digits, `.`, `_` and `-`.
    username: Option<String>,
    /// At least 8 characters, and none of the 10,000 commonest passwords.
    password: String,
    name: Option<String>,
    /// An IANA name, `Europe/Kyiv`.
    timezone: Option<String>,
    /// `en`, `uk` or `ru`; what the request asks for when not given.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
}

impl Founder {
    fn taken(self, Visitor(asking): Visitor) -> (String, Registration) {
        let Self { token, email, username, password, name, timezone, language } = self;
        let registration = Registration {
            email,
            username,
            password,
            demand: Demand::Uncommon,
            name,
            timezone,
            language: language.unwrap_or(asking.language),
            address: asking.address,
            ..Registration::default()
        };
        (token, registration)
    }
}
