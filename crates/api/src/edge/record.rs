//! What is written down about a request.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use types::{Error, UserId};

use crate::metrics::Metrics;
use crate::problem::Failure;
use crate::trace::RequestId;

/// A request that has been answered.
pub struct Done<'r> {
    /// Its id.
    pub id: &'r RequestId,
    /// Its method.
    pub method: &'r Method,
    /// Its path; never its query, which may hold what is nobody's business.
    pub path: &'r str,
    /// The route that answered.
    pub route: &'r str,
    /// Who asked.
    pub user: Option<UserId>,
    /// How long it took.
    pub taken: Duration,
}

impl Done<'_> {
    /// Counts it and logs it: one record, and one more with the causes when we failed.
    pub fn write(&self, metrics: &Metrics, status: StatusCode, failure: Option<&Failure>) {
        let user = self.user.map(types::Id::number);
        metrics.request(self.method, self.route, status.as_u16(), user, self.taken);
        if let Some(Failure::House(error)) = failure
            && status.is_server_error()
        {
            self.complain(error);
        }
        tracing::info!(
            request_id = self.id.as_str(),
            user_id = user,
            method = self.method.as_str(),
            path = self.path,
            status = status.as_u16(),
            duration_us = u64::try_from(self.taken.as_micros()).unwrap_or(u64::MAX),
            "request served"
        );
    }

    fn complain(&self, error: &Error) {
        let causes = std::error::Error::source(error).map(types::with_causes).unwrap_or_default();
        tracing::error!(
            operation = %format_args!("{} {}", self.method, self.route),
            request_id = self.id.as_str(),
            user_id = self.user.map(types::Id::number),
            error = %error,
            causes,
            "request failed"
        );
    }
}
