//! gRPC to a service elsewhere: one connection for all questions, over HTTP/2 without TLS on the port of its routes.

use std::time::Duration;

use api::Failure;
use api::grpc::Channel;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::backend::{IDLE, Upstream, connector, late};

/// How often a service that has been silent is asked whether it is there, while somebody waits for it.
const ARE_YOU_THERE: Duration = Duration::from_secs(5);

type Line = Client<HttpConnector, Body>;

/// To this service. It is connected to when it is first asked, and again after a connection broke.
pub fn to(upstream: Upstream) -> Channel {
    let line: Line = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .http2_keep_alive_interval(ARE_YOU_THERE)
        .http2_keep_alive_timeout(ARE_YOU_THERE)
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector());
    Channel::over(move |request| {
        let (upstream, line) = (upstream.clone(), line.clone());
        async move { send(&upstream, &line, request).await }.boxed()
    })
}

async fn send(upstream: &Upstream, line: &Line, mut request: Request) -> Result<Response, Failure> {
    let patience = upstream.turn(&mut request);
    match tokio::time::timeout(patience, line.request(request)).await {
        Ok(Ok(answer)) => Ok(answer.map(Body::new)),
        Ok(Err(error)) => Err(upstream.away(error)),
        Err(_) => Err(late()),
    }
}
