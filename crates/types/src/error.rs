//! The one error of the house: few kinds, each with what a person should read or an engineer must know.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::{Phrase, Text};

/// A result with the house's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What lies below an error, for the log alone.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Everything that can go wrong, by what the caller can do about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is none of the caller's business.
    #[error("{}", .0.en)]
    NotFound(Text),
    /// It clashes with something that is there already.
    #[error("{}", .0.en)]
    Conflict(Text),
    /// It was changed meanwhile; load it again.
    #[error("changed meanwhile")]
    Stale,
    /// It is not at a version that the caller named.
    #[error("not at a version that was named")]
    Outdated,
    /// The caller is known and may not.
    #[error("{}", .0.en)]
    Forbidden(Text),
    /// Nobody knows who is asking.
    #[error("{}", .0.en)]
    Unauthenticated(Text),
    /// Some fields cannot be taken as they are.
    #[error("invalid: {}", names(.0))]
    Invalid(Vec<FieldError>),
    /// Too often; try again after this long.
    #[error("too many requests, try again in {} s", .0.as_secs())]
    TooMany(Duration),
    /// It cannot be done now, and may work later.
    #[error("{what}")]
    Unavailable {
        /// What is missing, for the log.
        what: Cow<'static, str>,
        /// Why.
        #[source]
        cause: Option<Cause>,
    },
    /// There is no room left to store it.
    #[error("no space left to store it")]
    Full(#[source] Option<Cause>),
    /// A bug, or a broken machine.
    #[error("{what}")]
    Internal {
        /// What happened, for the log.
        what: Cow<'static, str>,
        /// Why.
        #[source]
        cause: Option<Cause>,
    },
}

impl Error {
    /// It cannot be done now, for this reason.
    pub fn unavailable(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable { what: what.into(), cause: None }
    }

    /// It cannot be done now, because of that.
    pub fn unavailable_by(
        what: impl Into<Cow<'static, str>>,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Unavailable { what: what.into(), cause: Some(Arc::new(cause)) }
    }

    /// A bug, said in words.
    pub fn internal(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal { what: what.into(), cause: None }
    }

    /// A bug, or a broken machine, that shows as that.
    pub fn internal_by(
        what: impl Into<Cow<'static, str>>,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Internal { what: what.into(), cause: Some(Arc::new(cause)) }
    }

    /// One field cannot be taken.
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) -> Self {
        FieldError::new(field, message).into()
    }

    /// Whether the same attempt may succeed a little later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Full(_) | Self::TooMany(_))
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the request.
    pub field: Cow<'static, str>,
    /// What to do about it.
    pub message: Phrase,
}

impl FieldError {
    /// That field, and what is wrong with it.
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl From<FieldError> for Error {
    fn from(field: FieldError) -> Self {
        Self::Invalid(vec![field])
    }
}

/// An error and what lies below it, for the log: `it failed: because of that: and that`.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn names(errors: &[FieldError]) -> String {
    errors.iter().map(|e| &*e.field).collect::<Vec<_>>().join(", ")
}
