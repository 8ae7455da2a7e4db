//! `data/daybook.sock`: how the program's own commands reach a house that is running.

use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use identity::{Identity, Registration};
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use types::{Error, Language, Role};

/// The socket's name in the data folder. Whoever may open it may do everything, and so only its owner may.
pub const NAME: &str = "daybook.sock";

/// An account to be made by command.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewUser {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
}

impl From<NewUser> for Registration {
    fn from(new: NewUser) -> Self {
        let NewUser { email, password, name, role } = new;
        Self { email: Some(email), password, name, role, vouched: true, ..Self::default() }
    }
}

/// What can be asked over the socket.
pub fn routes(identity: Identity) -> Router {
    Router::new().route("/users", post(create)).with_state(identity)
}

async fn create(State(identity): State<Identity>, Json(new): Json<NewUser>) -> (StatusCode, String) {
    match identity.accounts.sign_up(new.into()).await {
        Ok(account) => (StatusCode::CREATED, account.id.to_string()),
        Err(error) => (StatusCode::BAD_REQUEST, sentence(&error)),
    }
}

/// What went wrong, for a person at a terminal.
pub fn sentence(error: &Error) -> String {
    let Error::Invalid(fields) = error else { return error.to_string() };
    let said = fields.iter().map(|field| format!("{}: {}", field.field, field.message.get(Language::En)));
    said.collect::<Vec<_>>().join("; ")
}

/// Asks the running house to make the account; its id.
pub async fn create_user(socket: &Path, new: &NewUser) -> Result<String, String> {
    let failed = |e: &dyn std::error::Error| {
        format!("the running Daybook does not answer at {}: {e}", socket.display())
    };
    let stream = UnixStream::connect(socket).await.map_err(|e| failed(&e))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| failed(&e))?;
    let body = serde_json::to_vec(new).map_err(|e| failed(&e))?;
    let request = Request::post("/users")
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
        if status == StatusCode::CREATED { Ok(said) } else { Err(said) }
    };
    // The connection does the reading and writing while the request waits.
    let (answer, _) = tokio::join!(asking, connection);
    answer
}
