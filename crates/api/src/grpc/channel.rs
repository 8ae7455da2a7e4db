//! Where questions are sent: into a router of this process, or to a service elsewhere.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::{Service, ServiceExt};

use super::status::Carried;
use crate::problem::Failure;

type Sending = BoxFuture<'static, Result<Response, Failure>>;

/// A way to whoever answers. Cheap to clone.
#[derive(Clone)]
pub struct Channel(Arc<dyn Fn(Request) -> Sending + Send + Sync>);

impl Channel {
    /// Into this router, which finds in a request's extensions what an edge would have said.
    pub fn here(router: Router) -> Self {
        Self::over(move |request| {
            let answer = router.clone().oneshot(request);
            answer.map(|answer| Ok(answer.unwrap_or_else(|never: Infallible| match never {}))).boxed()
        })
    }

    /// By this way of sending a request.
    pub fn over(send: impl Fn(Request) -> Sending + Send + Sync + 'static) -> Self {
        Self(Arc::new(send))
    }
}

impl Service<axum::http::Request<tonic::body::Body>> for Channel {
    type Response = Response;
    type Error = Carried;
    type Future = BoxFuture<'static, Result<Response, Carried>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Carried>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<tonic::body::Body>) -> Self::Future {
        let sending = (self.0)(request.map(Body::new));
        let answered = |answer: Result<Response, Failure>| match answer {
            // A refusal that no edge has written down yet.
            Ok(answer) => match answer.extensions().get::<Arc<Failure>>() {
                Some(failure) => Err(Carried(failure.clone())),
                None => Ok(answer),
            },
            Err(failure) => Err(Carried(Arc::new(failure))),
        };
        sending.map(answered).boxed()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}
