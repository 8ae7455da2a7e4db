//! Another part of the house that did not answer as asked.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::value::RawValue;

use super::Failure;

/// Why it did not.
#[derive(Debug, Clone)]
pub enum Refused {
    /// An error of this process, to be put into words.
    Failure(Arc<Failure>),
    /// What a service elsewhere has put into words already, in the language of whoever asks.
    Problem {
        /// Its status.
        status: StatusCode,
        /// The problem, as JSON.
        problem: Arc<RawValue>,
    },
}

impl Refused {
    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Failure(failure) => failure.status(),
            Self::Problem { status, .. } => *status,
        }
    }
}

impl<F: Into<Failure>> From<F> for Refused {
    fn from(failure: F) -> Self {
        Self::Failure(Arc::new(failure.into()))
    }
}
