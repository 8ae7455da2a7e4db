//! The connections to a service, kept and used again.

use std::time::Duration;

use api::serve::Lanes;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, UPGRADE};
use axum::http::uri::{Authority, Parts, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderValue, Uri, Version};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use types::Error;

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
    /// For each lane its own: an answer on a connection that another lane drives would have to cross over.
    ways: Box<[Ways]>,
}

#[derive(Debug)]
struct Ways {
    usual: Client<HttpConnector, Body>,
    /// For what lasts: a WebSocket is HTTP/1.1, and a few hundred streams would leave no room on a connection that all
    /// requests share.
    lasting: Client<HttpConnector, Body>,
    /// gRPC is HTTP/2 whatever the rest is.
    grpc: Client<HttpConnector, Body>,
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
        let ways = (0..Lanes::usual()).map(|_| Ways::new(http2)).collect();
        Ok(Self { authority, host, ways })
    }

    /// Where it leads, for the log.
    pub fn address(&self) -> &str {
        self.authority.as_str()
    }

    /// Writes the service's address on a request.
    pub fn address_to(&self, request: &mut Request) {
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = self.uri(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
        *request.version_mut() = Version::HTTP_11;
        request.headers_mut().insert(HOST, self.host.clone());
    }

    /// Sends a request that bears the service's address.
    pub fn send(&self, request: Request) -> ResponseFuture {
        let (headers, ways) = (request.headers(), self.ways());
        let stream = || headers.get(ACCEPT).is_some_and(|kind| kind.as_bytes().starts_with(STREAM));
        let client = if headers.contains_key(UPGRADE) || stream() {
            &ways.lasting
        } else if is_grpc(headers) {
            &ways.grpc
        } else {
            &ways.usual
        };
        client.request(request)
    }

    /// A request of our own.
    pub fn get(&self, path: &'static str) -> ResponseFuture {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.uri(PathAndQuery::from_static(path));
        self.ways().usual.request(request)
    }

    /// Those of the lane that this is asked on.
    fn ways(&self) -> &Ways {
        &self.ways[Lanes::current() % self.ways.len()]
    }

    fn uri(&self, path: PathAndQuery) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        // All three parts are there, which is all that can be wrong with them.
        Uri::from_parts(parts).unwrap_or_default()
    }
}

impl Ways {
    fn new(http2: bool) -> Self {
        let lasting = pool().build(connector());
        let grpc = pool().http2_only(true).build(connector());
        let usual = if http2 { grpc.clone() } else { lasting.clone() };
        Self { usual, lasting, grpc }
    }
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
