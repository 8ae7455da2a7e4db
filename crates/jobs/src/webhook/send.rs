//! Calling: one POST, to the very addresses that were judged, with patience that ends.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::{HeaderMap, Request, Response};
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use types::{Error, Result as Configured, Timestamp, with_causes};
use url::{Host, Position, Url};

use super::resolver::Resolver;
use super::texts::{
    BAD_REDIRECT, BAD_URL, BROKE, DOWNGRADE, LATE, LOSING_REDIRECT, NO_TLS, TOO_MANY_REDIRECTS, UNKNOWN_HOST,
    UNREACHABLE,
};
use super::verdict::{Failure, Heard, Verdict};
use super::{Guard, Secret, sign};

/// How often an answer may lead on.
const REDIRECTS: usize = 5;
/// Addresses of one host that are tried.
const TRIED: usize = 4;
/// Bytes of an answer's head.
const LONGEST_HEAD: usize = 32 << 10;
/// Bytes of an answer that are read; the rest is left.
const LONGEST_BODY: usize = 64 << 10;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A call, from looking its host up to its answer.
    pub patience: Duration,
    /// One attempt to connect.
    pub connecting: Duration,
    /// The rest that somebody who was called may ask for.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(15),
            connecting: Duration::from_secs(5),
            rest: Duration::from_mins(30),
        }
    }
}

/// What is told. It has the same id each time it is tried, so that whoever hears it twice knows.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// Its id, of letters, digits, `_` and `-`.
    pub id: &'a str,
    /// When it is sent.
    pub at: Timestamp,
    /// JSON.
    pub body: Bytes,
    /// The secret that proves who sends it, and the one before while they change.
    pub secrets: &'a [Secret],
}

/// Tells others.
#[derive(Clone)]
pub struct Sender {
    guard: Guard,
    resolver: Arc<dyn Resolver>,
    tls: TlsConnector,
    limits: Limits,
}

/// Where an answer leads: nowhere, as it is the last one, or on.
type Next = Option<Url>;

/// TLS to whom browsers trust.
pub fn web_roots() -> Configured<ClientConfig> {
    let config = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let config = config.with_safe_default_protocol_versions();
    let config = config.map_err(|e| Error::internal_by("TLS to those who are called cannot be set up", e))?;
    Ok(config.with_webpki_roots().with_no_client_auth())
}

impl Sender {
    /// Calls whom the guard lets it, where the resolver says they are, if TLS trusts them.
    pub fn new(guard: Guard, resolver: Arc<dyn Resolver>, tls: ClientConfig, limits: Limits) -> Self {
        Self { guard, resolver, tls: TlsConnector::from(Arc::new(tls)), limits }
    }

    /// Tells it. Once the head of an answer is there its status counts, whatever becomes of the rest.
    pub async fn send(&self, url: &str, message: &Message<'_>) -> Verdict {
        let Limits { patience, rest, .. } = self.limits;
        let mut heard = None;
        let called = timeout(patience, self.follow(url, message, &mut heard)).await;
        match (called, heard) {
            (Ok(Err(failure)), _) => failure.into(),
            (_, Some(heard)) => heard.judged(rest),
            (_, None) => Failure::again(LATE.with([&patience.as_secs()])).into(),
        }
    }

    async fn follow(
        &self,
        url: &str,
        message: &Message<'_>,
        heard: &mut Option<Heard>,
    ) -> Result<(), Failure> {
        let mut url = self.guard.read(url).map_err(Failure::never)?;
        for _ in 0..=REDIRECTS {
            match self.call(&url, message, heard).await? {
                None => return Ok(()),
                Some(next) => url = next,
            }
        }
        Err(Failure::never(TOO_MANY_REDIRECTS.with([&REDIRECTS])))
    }

    async fn call(
        &self,
        url: &Url,
        message: &Message<'_>,
        heard: &mut Option<Heard>,
    ) -> Result<Next, Failure> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Failure::never(BAD_URL));
        };
        let request = request(url, message)?;
        let stream = self.connect(&host, port).await?;
        if url.scheme() == "http" {
            return self.speak(stream, url, request, message.at, heard).await;
        }
        let name = match host {
            Host::Domain(name) => {
                ServerName::try_from(name.to_owned()).map_err(|_| Failure::never(BAD_URL))?
            }
            Host::Ipv4(address) => ServerName::IpAddress(IpAddr::V4(address).into()),
            Host::Ipv6(address) => ServerName::IpAddress(IpAddr::V6(address).into()),
        };
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(|error| Failure::again(NO_TLS.with([&host, &with_causes(&error)])))?;
        self.speak(stream, url, request, message.at, heard).await
    }

    /// The name is looked up once; all it leads to is judged, and nothing else is connected to.
    async fn connect(&self, host: &Host<&str>, port: u16) -> Result<TcpStream, Failure> {
        let addresses = match *host {
            Host::Domain(name) => self.resolver.addresses(name).await.unwrap_or_default(),
            Host::Ipv4(address) => vec![address.into()],
            Host::Ipv6(address) => vec![address.into()],
        };
        if addresses.is_empty() {
            return Err(Failure::again(UNKNOWN_HOST.with([host])));
        }
        self.guard.judge(host, &addresses).map_err(Failure::never)?;
        for address in addresses.into_iter().take(TRIED) {
            let connecting = TcpStream::connect(SocketAddr::new(address, port));
            if let Ok(Ok(stream)) = timeout(self.limits.connecting, connecting).await {
                return Ok(stream);
            }
        }
        Err(Failure::again(UNREACHABLE.with([host])))
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        url: &Url,
        request: Request<Full<Bytes>>,
        now: Timestamp,
        heard: &mut Option<Heard>,
    ) -> Result<Next, Failure> {
        let broke = |_| Failure::again(BROKE.with([&url.host_str().unwrap_or_default()]));
        let mut line = http1::Builder::new();
        let (mut requests, connection) =
            line.max_buf_size(LONGEST_HEAD).handshake(TokioIo::new(stream)).await.map_err(broke)?;
        let exchange = async {
            let answer = requests.send_request(request).await.map_err(broke)?;
            if answer.status().is_redirection() {
                return self.onward(url, &answer).map(Some);
            }
            let heard = heard.insert(Heard::new(answer.status(), answer.headers(), now));
            read(answer.into_body(), &mut heard.body).await;
            Ok(None)
        };
        let mut exchange = pin!(exchange);
        tokio::select! {
            biased;
            done = &mut exchange => return done,
            // It may end before what came by it has been read.
            _ = connection => {}
        }
        exchange.await
    }

    /// Where a redirect leads. Only 307 and 308 say that it may be told again as it is.
    fn onward(&self, url: &Url, answer: &Response<Incoming>) -> Result<Url, Failure> {
        let status = answer.status().as_u16();
        if !matches!(status, 307 | 308) {
            return Err(Failure::never(LOSING_REDIRECT.with([&status])));
        }
        let nowhere = || Failure::never(BAD_REDIRECT.with([&status]));
        let next = location(answer.headers()).and_then(|place| url.join(place).ok()).ok_or_else(nowhere)?;
        let next = self.guard.read(next.as_str()).map_err(Failure::never)?;
        let is_downgrade = url.scheme() == "https" && next.scheme() == "http";
        if is_downgrade { Err(Failure::never(DOWNGRADE)) } else { Ok(next) }
    }
}

fn location(headers: &HeaderMap) -> Option<&str> {
    headers.get(LOCATION)?.to_str().ok()
}

fn request(url: &Url, message: &Message<'_>) -> Result<Request<Full<Bytes>>, Failure> {
    let Message { id, at, body, secrets } = message;
    let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "daybook")
        .header("webhook-id", *id)
        .header("webhook-timestamp", at.seconds())
        .header("webhook-signature", sign(id, *at, body, secrets))
        .body(Full::new(body.clone()));
    request.map_err(|_| Failure::never(BAD_URL))
}

/// Reads until it ends, breaks, or is enough.
async fn read(mut body: Incoming, into: &mut Vec<u8>) {
    while let Some(Ok(frame)) = body.frame().await {
        let Some(data) = frame.data_ref() else { continue };
        let room = LONGEST_BODY - into.len();
        into.extend_from_slice(&data[..data.len().min(room)]);
        if into.len() == LONGEST_BODY {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
