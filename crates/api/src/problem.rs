//! Errors on their way to a person: `application/problem+json`, in the person's language.

mod refused;
pub mod texts;

use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use types::{Error, FieldError, Language, Phrase, Text};
use utoipa::openapi::{RefOr, ResponseBuilder};

pub use refused::Refused;

/// Why a request was not served: an error of the house, or something that HTTP alone knows.
#[derive(Debug, Clone)]
pub enum Failure {
    /// An error of the house.
    House(Error),
    /// The request itself cannot be taken.
    Http(StatusCode, Phrase),
}

impl Failure {
    /// The request cannot be understood.
    pub fn bad_request(message: impl Into<Phrase>) -> Self {
        Self::Http(StatusCode::BAD_REQUEST, message.into())
    }

    /// Its status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Http(status, _) => *status,
            Self::House(error) => match error {
                Error::NotFound(_) => StatusCode::NOT_FOUND,
                Error::Conflict(_) | Error::Stale => StatusCode::CONFLICT,
                Error::Outdated => StatusCode::PRECONDITION_FAILED,
                Error::Forbidden(_) => StatusCode::FORBIDDEN,
                Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
                Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
                Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
                Error::Full(_) => StatusCode::INSUFFICIENT_STORAGE,
                Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    pub(crate) fn title(&self) -> Phrase {
        let text = match self {
            Self::Http(_, phrase) => return phrase.clone(),
            Self::House(error) => match error {
                Error::NotFound(text)
                | Error::Conflict(text)
                | Error::Forbidden(text)
                | Error::Unauthenticated(text) => *text,
                Error::Stale => texts::STALE,
                Error::Outdated => texts::PRECONDITION_FAILED,
                Error::Invalid(_) => texts::INVALID,
                Error::TooMany(_) => texts::TOO_MANY,
                Error::Unavailable { .. } => texts::UNAVAILABLE,
                Error::Full(_) => texts::FULL,
                Error::Internal { .. } => texts::INTERNAL,
            },
        };
        text.into()
    }

    /// In how many seconds it may be tried again, if time alone makes it better.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::House(Error::TooMany(after)) => Some(after.as_secs().max(1)),
            Self::House(Error::Unavailable { .. }) | Self::Http(StatusCode::SERVICE_UNAVAILABLE, _) => {
                Some(1)
            }
            _ => None,
        }
    }

    /// The problem, as a person with this language reads it.
    pub fn problem(&self, language: Language, request_id: &str) -> Problem {
        let title = self.title();
        let sentence = title.get(language);
        let errors = match self {
            Self::House(Error::Invalid(fields)) => {
                fields.iter().map(|field| Field::new(field, language)).collect()
            }
            _ => Vec::new(),
        };
        Problem {
            kind: format!("urn:daybook:problem:{}", title.text.code),
            detail: errors.first().map(|first| format!("{}: {}", first.field, first.message)),
            title: sentence.clone(),
            error: sentence,
            status: self.status().as_u16(),
            request_id: request_id.to_owned(),
            errors,
        }
    }

    /// The answer, as a person with this language reads it.
    pub fn render(&self, language: Language, request_id: &str) -> Response {
        let problem = self.problem(language, request_id);
        let mut response = (self.status(), axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(after) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from(after));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::House(error)
    }
}

impl IntoResponse for Failure {
    /// Only the status: the edge knows the language and the request's id, and writes the rest.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// An error, as RFC 9457 and the older clients read it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A stable name of this kind of error.
    #[serde(rename = "type")]
    kind: String,
    /// What went wrong, in a sentence.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What exactly, when there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Names this request in the logs.
    request_id: String,
    /// The title again, for clients that read it here.
    error: String,
    /// The fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Field>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
struct Field {
    /// Which one.
    field: String,
    /// A stable name of what is wrong.
    code: &'static str,
    /// What to do about it, in a sentence.
    message: String,
}

impl Field {
    fn new(error: &FieldError, language: Language) -> Self {
        let FieldError { field, message } = error;
        Self { field: field.clone().into_owned(), code: message.text.code, message: message.get(language) }
    }
}

/// The errors that any route may answer with, said once for all of them.
pub struct Problems;

impl utoipa::IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let schema = utoipa::openapi::Ref::from_schema_name("Problem");
        let content = utoipa::openapi::ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description("What went wrong, in a sentence")
            .content("application/problem+json", content)
            .build();
        ["4XX", "5XX"].map(|status| (status.to_owned(), RefOr::T(response.clone()))).into()
    }
}

/// Text for statuses that routing answers with by itself.
pub(crate) const fn of_status(status: StatusCode) -> Option<Text> {
    Some(match status {
        StatusCode::NOT_FOUND => texts::NO_SUCH_PATH,
        StatusCode::METHOD_NOT_ALLOWED => texts::METHOD_NOT_ALLOWED,
        StatusCode::BAD_REQUEST => texts::MALFORMED,
        _ => return None,
    })
}
