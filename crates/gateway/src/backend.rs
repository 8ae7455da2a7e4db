//! What answers a request: a router in this process, or a service elsewhere.

use api::grpc::Channel;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use tower::ServiceExt;

use crate::upstream::Upstream;

/// What answers. Cheap to clone.
#[derive(Clone)]
pub enum Backend {
    /// A router in this process.
    Here(Router),
    /// A service elsewhere.
    There(Upstream),
}

impl Backend {
    /// What it answers.
    pub async fn send(&self, request: Request) -> Response {
        match self {
            Self::Here(router) => {
                router.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
            }
            Self::There(upstream) => upstream.send(request).await,
        }
    }

    /// Where it is asked over gRPC.
    pub(crate) fn channel(&self) -> Channel {
        match self {
            Self::Here(router) => Channel::here(router.clone()),
            Self::There(upstream) => {
                let upstream = upstream.clone();
                Channel::over(move |request| {
                    let upstream = upstream.clone();
                    async move { upstream.call(request).await }.boxed()
                })
            }
        }
    }
}
