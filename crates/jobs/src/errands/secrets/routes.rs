//! `/api/v1/jobs/webhook-secret`.

use api::{Failure, Json, Problems, Signed};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Secrets;
use super::bodies::{WantedSecret, WebhookSecret};

/// Nobody on the way keeps a secret.
const UNKEPT: (HeaderName, HeaderValue) = (CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The routes.
pub fn routes() -> OpenApiRouter<Secrets> {
    OpenApiRouter::new().routes(routes!(find, change))
}

type Told = ([(HeaderName, HeaderValue); 1], axum::Json<WebhookSecret>);

/// The secret that your webhooks are signed with
#[utoipa::path(get, path = "/api/v1/jobs/webhook-secret", tag = "jobs", responses((status = 200, body = WebhookSecret), Problems))]
async fn find(Signed(caller): Signed, State(secrets): State<Secrets>) -> Result<Told, Failure> {
    Ok(([UNKEPT], axum::Json(secrets.find(&caller).await?.into())))
}

/// Have another secret; for a day messages are signed with the one before as well
#[utoipa::path(put, path = "/api/v1/jobs/webhook-secret", tag = "jobs", request_body = WantedSecret, responses((status = 200, body = WebhookSecret), Problems))]
async fn change(
    Signed(caller): Signed,
    State(secrets): State<Secrets>,
    Json(wanted): Json<WantedSecret>,
) -> Result<Told, Failure> {
    Ok(([UNKEPT], axum::Json(secrets.change(&caller, wanted.number).await?.into())))
}
