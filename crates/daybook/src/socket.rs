//! `data/daybook.sock`: how the program's own commands reach a house that is running.

use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use types::{Error, Language};

use crate::orders::{Desk, Order};

/// The socket's name in the data folder. Whoever may open it may do everything, and so only its owner may.
pub const NAME: &str = "daybook.sock";

/// What can be asked over the socket.
pub fn routes(desk: Desk) -> Router {
    Router::new().route("/orders", post(obey)).with_state(desk)
}

async fn obey(State(desk): State<Desk>, Json(order): Json<Order>) -> (StatusCode, String) {
    match order.obeyed(&desk).await {
        Ok(said) => (StatusCode::OK, said),
        Err(error) => (StatusCode::BAD_REQUEST, sentence(&error)),
    }
}

/// What went wrong, for a person at a terminal.
pub fn sentence(error: &Error) -> String {
    let Error::Invalid(fields) = error else { return error.to_string() };
    let said = fields.iter().map(|field| format!("{}: {}", field.field, field.message.get(Language::En)));
    said.collect::<Vec<_>>().join("; ")
}

/// Asks the running house; what it says.
pub async fn ask(socket: &Path, order: &Order) -> Result<String, String> {
    let failed = |e: &dyn std::error::Error| {
        format!("the running Daybook does not answer at {}: {e}", socket.display())
    };
    let stream = UnixStream::connect(socket).await.map_err(|e| failed(&e))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| failed(&e))?;
    let body = serde_json::to_vec(order).map_err(|e| failed(&e))?;
    let request = Request::post("/orders")
        .header(header::HOST, "daybook")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .map_err(|e| failed(&e))?;
    // The sender goes with the request, and the connection ends when both are done.
    let asking = async move {
        let answer = sender.send_request(request).await.map_err(|e| failed(&e))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|e| failed(&e))?.to_bytes();
        let said = String::from_utf8_lossy(&body).into_owned();
        if status == StatusCode::OK { Ok(said) } else { Err(said) }
    };
    // The connection does the reading and writing while the request waits.
    let (answer, _) = tokio::join!(asking, connection);
    answer
}
