//! Refusals on their way: inside a process as they are, over the network as a status with the problem beside it.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use axum::response::Response;
use serde_json::value::RawValue;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use types::{Error, Language};

use crate::problem::{Failure, Refused};

/// The metadata with the problem as clients over HTTP read it, in the language of whoever asks.
const PROBLEM: &str = "problem-bin";

/// A refusal inside a status.
#[derive(Debug, Clone)]
pub struct Carried(pub Arc<Failure>);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.0.status())
    }
}

impl std::error::Error for Carried {}

/// Whether a request speaks gRPC, which does so over HTTP/2 alone.
pub(crate) fn is_grpc(version: Version, headers: &HeaderMap) -> bool {
    let speaks =
        || headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    version == Version::HTTP_2 && speaks()
}

/// A status that stands for this refusal until the edge has written it down.
pub(super) fn carrying(failure: Failure) -> Status {
    let mut status = Status::new(code(&failure), String::new());
    status.set_source(Arc::new(Carried(Arc::new(failure))));
    status
}

/// The refusal that an answer stands for.
pub(super) fn carried(extensions: &Extensions) -> Option<Failure> {
    let source = extensions.get::<Status>()?.source()?;
    source.downcast_ref::<Carried>().map(|Carried(failure)| Failure::clone(failure))
}

/// The answer that says it, as a person with this language reads it.
pub(crate) fn render(failure: &Failure, language: Language, request_id: &str) -> Response {
    let mut status = Status::new(code(failure), failure.title().get(language));
    // Made of text and numbers, it always becomes JSON.
    if let Ok(problem) = serde_json::to_vec(&failure.problem(language, request_id)) {
        status.metadata_mut().insert_bin(PROBLEM, MetadataValue::from_bytes(&problem));
    }
    status.into_http::<Body>()
}

/// Why there is no answer of this method.
pub(super) fn refused(path: &'static str, status: Status) -> Refused {
    if let Some(Carried(failure)) = status.source().and_then(|source| source.downcast_ref::<Carried>()) {
        return Refused::Failure(failure.clone());
    }
    if let Some(problem) = problem(&status) {
        return Refused::Problem { status: http(status.code()), problem };
    }
    Error::unavailable_by(format!("{path} gives no answer"), status).into()
}

fn problem(status: &Status) -> Option<Arc<RawValue>> {
    let problem = status.metadata().get_bin(PROBLEM)?.to_bytes().ok()?;
    serde_json::from_slice::<Box<RawValue>>(&problem).ok().map(Into::into)
}

/// What gRPC calls it.
fn code(failure: &Failure) -> Code {
    match failure {
        Failure::House(error) => match error {
            Error::NotFound(_) => Code::NotFound,
            Error::Conflict(_) => Code::AlreadyExists,
            Error::Stale => Code::Aborted,
            Error::Outdated => Code::FailedPrecondition,
            Error::Forbidden(_) => Code::PermissionDenied,
            Error::Unauthenticated(_) => Code::Unauthenticated,
            Error::Invalid(_) => Code::InvalidArgument,
            Error::TooMany(_) | Error::Full(_) => Code::ResourceExhausted,
            Error::Unavailable { .. } => Code::Unavailable,
            Error::Internal { .. } => Code::Internal,
        },
        Failure::Http(status, _) => match *status {
            // Of the paths, not of what they are about.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Code::Unimplemented,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Code::DeadlineExceeded,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                Code::ResourceExhausted
            }
            status if status.is_server_error() => Code::Unavailable,
            _ => Code::InvalidArgument,
        },
    }
}

/// What HTTP calls it.
const fn http(code: Code) -> StatusCode {
    match code {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::InvalidArgument => StatusCode::UNPROCESSABLE_ENTITY,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unimplemented => StatusCode::BAD_GATEWAY,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}
