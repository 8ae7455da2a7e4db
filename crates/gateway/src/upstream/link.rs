//! The connections to a service, kept and used again.

use std::time::Duration;

use api::serve::Lanes;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, UPGRADE};
use axum::http::uri::{Authority, Parts, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderValue, Uri, Version};
use axum::response::Response;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use types::Error;

use super::broken::Broken;
use super::lines::Lines;
use super::parcel::Parcel;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an idle connection is kept: less than services keep theirs, so that none is closed as it is used.
const IDLE: Duration = Duration::from_secs(30);
/// How often a service is asked over HTTP/2 whether the connection still stands, and for how long it may keep silent.
const ARE_YOU_THERE: Duration = Duration::from_secs(5);

/// What asks for a stream of events.
const STREAM: &[u8] = b"text/event-stream";

/// The way to a service.
#[derive(Debug)]
pub struct Link {
    authority: Authority,
    host: HeaderValue,
    at: Uri,
    http2: bool,
    /// For each lane its own: an answer on a connection that another lane drives would have to cross over.
    ways: Box<[Ways]>,
}

#[derive(Debug)]
struct Ways {
    /// For most. Streams are HTTP/1.1 in any case: a few hundred would leave no room on a connection that all requests
    /// share.
    lines: Lines,
    /// For what becomes a WebSocket, and for questions of our own.
    upgrading: Client<HttpConnector, Body>,
    /// gRPC is HTTP/2 whatever the rest is.
    http2: Client<HttpConnector, Body>,
}

impl Link {
    /// To the service of this name at this URL, of which only host and port count.
    pub fn new(name: &str, url: &str, http2: bool) -> Result<Self, Error> {
        let wrong =
            || Error::internal(format!("{name}.url is {url:?}; write for example http://127.0.0.1:8081"));
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let authority =
            uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTP)).ok_or_else(wrong)?.clone();
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| wrong())?;
        let ways = (0..Lanes::usual()).map(|_| Ways::new()).collect();
        let at = uri_of(&authority, PathAndQuery::from_static("/"));
        Ok(Self { authority, host, at, http2, ways })
    }

    /// Where it leads, for the log.
    pub fn address(&self) -> &str {
        self.authority.as_str()
    }

    /// Sends a request, which says only by its path where it goes.
    pub async fn send(&self, parcel: &mut Parcel) -> Result<Response, Broken> {
        let (headers, ways) = (&parcel.head().headers, self.ways());
        let client = if headers.contains_key(UPGRADE) {
            &ways.upgrading
        } else if is_grpc(headers) || self.http2 && !wants_stream(headers) {
            &ways.http2
        } else {
            return ways.lines.exchange(parcel, &self.host, &self.at).await;
        };
        let answer = client.request(self.addressed(parcel.open())).await?;
        Ok(answer.map(Body::new))
    }

    /// Whether the service says at this path that all is well.
    pub async fn says_yes(&self, path: &'static str) -> bool {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(path);
        let ways = self.ways();
        let client = if self.http2 { &ways.http2 } else { &ways.upgrading };
        client.request(self.addressed(request)).await.is_ok_and(|answer| answer.status().is_success())
    }

    /// The request with the service's address on it.
    fn addressed(&self, mut request: Request) -> Request {
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = uri_of(&self.authority, path.unwrap_or_else(|| PathAndQuery::from_static("/")));
        *request.version_mut() = Version::HTTP_11;
        request.headers_mut().insert(HOST, self.host.clone());
        request
    }

    /// Those of the lane that this is asked on.
    fn ways(&self) -> &Ways {
        &self.ways[Lanes::current() % self.ways.len()]
    }
}

impl Ways {
    fn new() -> Self {
        let connector = connector();
        Self {
            lines: Lines::new(connector.clone()),
            upgrading: pool().build(connector.clone()),
            http2: pool().http2_only(true).build(connector),
        }
    }
}

fn uri_of(authority: &Authority, path: PathAndQuery) -> Uri {
    let mut parts = Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority.clone());
    parts.path_and_query = Some(path);
    // All three parts are there, which is all that can be wrong with them.
    Uri::from_parts(parts).unwrap_or_default()
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).is_some_and(|kind| kind.as_bytes().starts_with(STREAM))
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector
}

fn pool() -> Builder {
    let mut pool = Client::builder(TokioExecutor::new());
    pool.pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_keep_alive_interval(ARE_YOU_THERE)
        .http2_keep_alive_timeout(ARE_YOU_THERE);
    pool
}
