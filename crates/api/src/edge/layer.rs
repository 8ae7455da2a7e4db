//! The edge as a layer around each route: one future a request, whatever the edge does, and the route itself shared by all
//! requests instead of copied for each.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use axum::routing::Route;
use futures_util::future::BoxFuture;
use tower::{Layer, Service};

use super::{Edge, pass};

/// What stands behind an edge and answers one request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Behind(Arc<Route>);

impl From<Route> for Behind {
    fn from(route: Route) -> Self {
        Self(Arc::new(route))
    }
}

impl Behind {
    /// Its answer.
    pub async fn answer(self, request: Request) -> Response {
        let answer = Route::clone(&self.0).call(request);
        answer.await.unwrap_or_else(|never| match never {})
    }
}

impl Layer<Route> for Edge {
    type Service = AtEdge;

    fn layer(&self, route: Route) -> AtEdge {
        AtEdge { edge: self.clone(), behind: route.into() }
    }
}

/// A route with the edge around it.
#[derive(Clone)]
pub struct AtEdge {
    edge: Edge,
    behind: Behind,
}

impl Service<Request> for AtEdge {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (edge, behind) = (self.edge.clone(), self.behind.clone());
        Box::pin(async move { Ok(pass(&edge.inner, &mut request, behind).await) })
    }
}
