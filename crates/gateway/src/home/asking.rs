//! Asking for a section where it is had.

use std::sync::Arc;

use api::edge::Onward;
use api::grpc::Channel;
use api::{Failure, Refused, texts};
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use part::{Piece, Question, Source};
use serde_json::value::RawValue;
use types::Error;

use crate::backend::Backend;

/// A longer section is none.
const LONGEST: usize = 1 << 20;

/// How a section is had, and from whom.
pub enum Way {
    Http(&'static str, Backend),
    Grpc(Question, Channel),
}

impl Way {
    pub fn to(source: Source, backend: &Backend) -> Self {
        match source {
            Source::Http(path) => Self::Http(path, backend.clone()),
            Source::Grpc(question) => Self::Grpc(question, backend.channel()),
        }
    }

    pub async fn ask(&self, along: Onward) -> Result<Piece, Refused> {
        match self {
            Self::Http(path, backend) => read(backend.send(along.get(path)).await).await,
            Self::Grpc(question, channel) => question(channel.clone(), along).await,
        }
    }
}

/// What an answer over HTTP says.
async fn read(answer: Response) -> Result<Piece, Refused> {
    if let Some(failure) = answer.extensions().get::<Arc<Failure>>() {
        return Err(Refused::Failure(failure.clone()));
    }
    let status = answer.status();
    let kind = answer.headers().get(CONTENT_TYPE);
    let is_problem = kind.is_some_and(|kind| kind == "application/problem+json");
    let body = to_bytes(answer.into_body(), LONGEST).await;
    let body = body.map_err(|error| Error::unavailable_by("a section breaks off or is too long", error))?;
    // It is read over once, so that a service that says nonsense spoils nothing but its own section.
    match serde_json::from_slice::<Box<RawValue>>(&body) {
        Ok(piece) if status.is_success() => Ok(piece.into()),
        Ok(problem) if is_problem => Err(Refused::Problem { status, problem: problem.into() }),
        _ => Err(Failure::Http(StatusCode::BAD_GATEWAY, texts::SERVICE_AWAY.into()).into()),
    }
}
