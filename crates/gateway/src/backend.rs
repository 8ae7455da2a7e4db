//! What answers a request: a router in this process, or a service elsewhere.

use std::sync::Arc;
use std::time::Duration;

use api::edge::{ClientIp, Deadline, Identity};
use api::grpc::Channel;
use api::{Failure, texts};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderValue, StatusCode, Uri, Version};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::ServiceExt;
use types::{Error, Phrase};

use crate::channel;
use crate::headers::{set_host, set_identity, set_origin, set_patience, strip_hop};
use crate::upgrade::Wanted;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a service may take to begin its answer, when the client does not say that it waits for less.
const ANSWER: Duration = Duration::from_secs(30);
/// How long an idle connection is kept: less than services keep theirs, so that none is closed as it is used.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// What answers. Cheap to clone.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "there are a handful, made once at start")]
pub enum Backend {
    /// A router in this process.
    Here(Router),
    /// A service elsewhere.
    There(Upstream),
}

/// A service elsewhere, and the connections to it. Cheap to clone.
#[derive(Clone)]
pub struct Upstream {
    client: Client<HttpConnector, Body>,
    address: Arc<Address>,
}

struct Address {
    name: String,
    authority: Authority,
    host: HeaderValue,
}

impl Upstream {
    /// The service of this name at this URL, of which only host and port count.
    pub fn new(name: &str, url: &str) -> Result<Self, Error> {
        let wrong =
            || Error::internal(format!("{name}.url is {url:?}; write for example http://127.0.0.1:8081"));
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let authority =
            uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTP)).ok_or_else(wrong)?.clone();
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| wrong())?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector());
        Ok(Self { client, address: Arc::new(Address { name: name.to_owned(), authority, host }) })
    }

    /// Sends a request on and brings the answer back, bodies streaming both ways.
    pub async fn send(&self, mut request: Request) -> Response {
        let wanted = Wanted::of(&mut request);
        *request.version_mut() = Version::HTTP_11;
        strip_hop(request.headers_mut());
        let patience = self.turn(&mut request);
        if wanted.is_some() {
            Wanted::ask(request.headers_mut());
        }
        match tokio::time::timeout(patience, self.client.request(request)).await {
            Ok(Ok(answer)) => {
                let mut answer = answer.map(Body::new);
                strip_hop(answer.headers_mut());
                match wanted {
                    Some(wanted) => wanted.join(answer),
                    // Nobody asked it to become anything else.
                    None if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                        Failure::Http(StatusCode::BAD_GATEWAY, Phrase::from(texts::SERVICE_AWAY))
                            .into_response()
                    }
                    None => answer,
                }
            }
            Ok(Err(error)) => self.away(error).into_response(),
            Err(_) => late().into_response(),
        }
    }

    /// Makes of a request to us one to the service, and says for how long its answer is waited for.
    pub(crate) fn turn(&self, request: &mut Request) -> Duration {
        let identity = request.extensions().get::<Identity>().copied().unwrap_or(Identity::Nobody);
        let client = request.extensions().get::<ClientIp>().copied();
        let deadline = request.extensions().get::<Deadline>().copied();
        let patience = deadline.map_or(ANSWER, |deadline| deadline.left().min(ANSWER));
        *request.extensions_mut() = axum::http::Extensions::new();
        let called = called(request);
        *request.uri_mut() = self.address.uri(request.uri());
        set_identity(request.headers_mut(), identity.user());
        set_origin(request.headers_mut(), client, called);
        set_host(request.headers_mut(), self.address.host.clone());
        set_patience(request.headers_mut(), patience);
        patience
    }

    /// The service cannot be reached, or broke off.
    pub(crate) fn away(&self, error: hyper_util::client::legacy::Error) -> Failure {
        let what = format!("{} does not answer at {}", self.address.name, self.address.authority);
        Error::unavailable_by(what, error).into()
    }
}

/// What makes connections to services.
pub(crate) fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector
}

/// It did not answer in time.
pub(crate) fn late() -> Failure {
    Failure::Http(StatusCode::GATEWAY_TIMEOUT, texts::SERVICE_AWAY.into())
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
            Self::There(upstream) => channel::to(upstream.clone()),
        }
    }
}

/// What the client calls us: HTTP/2 says it in the address.
fn called(request: &Request) -> Option<HeaderValue> {
    let named = || HeaderValue::from_str(request.uri().authority()?.as_str()).ok();
    request.headers().get(HOST).cloned().or_else(named)
}

impl Address {
    fn uri(&self, asked: &Uri) -> Uri {
        let path = asked.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let mut parts = axum::http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        // All three parts are there, which is all that can be wrong with them.
        Uri::from_parts(parts).unwrap_or_default()
    }
}
