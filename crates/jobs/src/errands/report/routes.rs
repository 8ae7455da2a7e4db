//! `/api/v1/jobs/{id}/result`.

use api::{Failure, PathId, Problems, Signed};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use types::JobId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::results::{Results, Shelf};

/// How the file calls itself.
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// The routes.
pub fn routes() -> OpenApiRouter<Results> {
    OpenApiRouter::new().routes(routes!(find))
}

/// The file that a job of kind `report` has made
#[utoipa::path(get, path = "/api/v1/jobs/{id}/result", tag = "jobs", params(("id" = u64, Path)), responses((status = 200, body = String, content_type = "text/csv"), Problems))]
async fn find(
    Signed(caller): Signed,
    State(results): State<Results>,
    PathId(id): PathId<JobId>,
) -> Result<Response, Failure> {
    let shelf = results.find(&caller, id).await?;
    let headers = [
        (CONTENT_TYPE, CSV.to_owned()),
        (CONTENT_LENGTH, shelf.bytes.to_string()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", shelf.name)),
    ];
    Ok((headers, body(results, shelf)).into_response())
}

/// A part is read when the one before has been taken.
fn body(results: Results, shelf: Shelf) -> Body {
    Body::from_stream(stream::unfold((results, shelf, 0), |(results, shelf, part)| async move {
        if part == shelf.parts {
            return None;
        }
        let data = results.part(&shelf, part).await;
        Some((data, (results, shelf, part + 1)))
    }))
}
