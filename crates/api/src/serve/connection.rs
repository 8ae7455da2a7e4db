//! One connection, from its first byte to its last.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    ops::ControlFlow,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::{self, Builder},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use super::{
    Peer,
    handover::Answers,
    keeper::{Keeper, Place},
    lanes::Turns,
    request::Desk,
    streaming::Streaming,
    tls::Certificates,
    watched::Watched,
};

/// More than the edge allows, so that what is too large is refused there, in the house's own words.
const MOST_HEADERS: usize = 256;
const LARGEST_HEAD_BYTES: u32 = 128 * 1024;
/// What clients agree on with TLS that speak HTTP/1.1.
const HTTP_1: &[u8] = b"http/1.1";
/// What clients begin with that speak HTTP/2.
const HTTP_2: &[u8] = b"PRI";
/// How often an HTTP/2 client is asked whether it is still there, and for how long it may keep silent.
const ARE_YOU_THERE: Duration = Duration::from_secs(20);

/// All that connections share.
#[derive(Debug)]
pub(super) struct Floor {
    app: Router,
    /// For those who surely speak HTTP/1, which most do: finding out which it is costs a connection 8 KiB for good.
    http1: http1::Builder,
    http: Builder<TokioExecutor>,
    keeper: Arc<Keeper>,
    certificates: Option<Arc<Certificates>>,
    lanes: Option<Arc<Turns>>,
}

impl Floor {
    pub(super) fn new(
        app: Router,
        keeper: Arc<Keeper>,
        certificates: Option<Arc<Certificates>>,
        lanes: Option<Arc<Turns>>,
    ) -> Self {
        // Handlers are made ready once, here, instead of at every request.
        Self { app: app.with_state(()), http1: protocol_1(), http: protocol(), keeper, certificates, lanes }
    }

    pub(super) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Serves a connection from the network.
    pub(super) fn admit_tcp(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Answers are written whole, so there is nothing to gain by waiting for more. It fails only when the client is
        // gone, which the first read finds out too.
        let _ = stream.set_nodelay(true);
        // On a socket for both, IPv4 clients come in disguise and would have two names in every limit and log.
        let peer = Peer(SocketAddr::new(peer.ip().to_canonical(), peer.port()));
        let (floor, place) = (Arc::clone(self), self.keeper.admit());
        let Some(lanes) = &self.lanes else {
            tokio::spawn(async move { floor.serve_tcp(stream, peer, place).await });
            return;
        };
        // It leaves this runtime for its own.
        let Ok(stream) = stream.into_std() else { return };
        lanes.next().spawn(async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                floor.serve_tcp(stream, peer, place).await;
            }
        });
    }

    /// Serves a connection from this machine.
    pub(super) fn admit_unix(self: &Arc<Self>, stream: UnixStream) {
        let peer = Peer((Ipv4Addr::LOCALHOST, 0).into());
        let (floor, place) = (Arc::clone(self), self.keeper.admit());
        tokio::spawn(async move { floor.serve(stream, peer, place).await });
    }

    async fn serve_tcp(&self, stream: TcpStream, peer: Peer, place: Place) {
        let Some(certificates) = &self.certificates else {
            return self.serve_plain(stream, peer, place).await;
        };
        let acceptor = certificates.acceptor();
        let handshake = pin!(acceptor.accept(stream));
        match place.attend(handshake, |_| ControlFlow::Break(())).await {
            Some(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(HTTP_1) => {
                self.serve_1(stream, peer, place).await;
            }
            Some(Ok(stream)) => self.serve(stream, peer, place).await,
            Some(Err(error)) => tracing::debug!(peer = %peer.0, %error, "no TLS handshake"),
            None => {}
        }
    }

    /// Serves what its first bytes show to be HTTP/1, and anything else by finding out.
    async fn serve_plain(&self, stream: TcpStream, peer: Peer, place: Place) {
        let mut first = [0; HTTP_2.len()];
        let peeked = place.attend(pin!(stream.peek(&mut first)), |_| ControlFlow::Break(())).await;
        // One that broke says so when it is read.
        let Some(peeked) = peeked else { return };
        if HTTP_2.starts_with(&first[..peeked.unwrap_or(0)]) {
            return self.serve(stream, peer, place).await;
        }
        self.serve_1(stream, peer, place).await;
    }

    async fn serve_1<S>(&self, stream: S, peer: Peer, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (stream, desk) = self.seated(stream, peer, &place, true);
        let connection = self.http1.serve_connection(stream, desk).with_upgrades();
        let mut answers = Answers::new(connection, place.share());
        let finish = |answers: Pin<&mut Answers<_>>| {
            http1::UpgradeableConnection::graceful_shutdown(Pin::new(&mut answers.get_mut().connection));
        };
        let ended = see_through(Pin::new(&mut answers), finish, peer, &place).await;
        let (Some(Some(answer)), Some(parts)) = (ended, answers.connection.into_parts()) else { return };
        let mut streaming = Streaming::new(parts.io.into_inner(), answer);
        // A task of its own: this one was made for all that a connection may need.
        tokio::spawn(async move { see_through(Pin::new(&mut streaming), |_| (), peer, &place).await });
    }

    async fn serve<S>(&self, stream: S, peer: Peer, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (stream, desk) = self.seated(stream, peer, &place, false);
        let connection = pin!(self.http.serve_connection_with_upgrades(stream, desk));
        see_through(connection, auto::UpgradeableConnection::graceful_shutdown, peer, &place).await;
    }

    fn seated<S: Unpin>(
        &self,
        stream: S,
        peer: Peer,
        place: &Place,
        hands_over: bool,
    ) -> (TokioIo<Watched<S>>, Desk) {
        let desk = Desk::new(self.app.clone(), peer, place.share(), hands_over);
        (TokioIo::new(Watched::new(stream, place.share())), desk)
    }
}

/// Drives a connection to its end, which it is asked to find when its place is told to finish. None when it broke or had
/// to leave.
async fn see_through<C, T, E>(
    connection: Pin<&mut C>,
    finish: fn(Pin<&mut C>),
    peer: Peer,
    place: &Place,
) -> Option<T>
where
    C: Future<Output = Result<T, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let ended = place.attend(connection, |connection| {
        finish(connection);
        ControlFlow::Continue(())
    });
    ended
        .await?
        .map_err(|error| tracing::debug!(peer = %peer.0, error = error.into(), "connection broke"))
        .ok()
}

fn protocol_1() -> http1::Builder {
    let mut http = http1::Builder::new();
    // The keeper sees to slow heads; a timer for every request would cost more than the rest of this loop.
    http.header_read_timeout(None).max_headers(MOST_HEADERS).max_buf_size(LARGEST_HEAD_BYTES as usize);
    http
}

fn protocol() -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    // The keeper sees to slow heads; a timer for every request would cost more than the rest of this loop.
    http.http1()
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD_BYTES as usize);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ARE_YOU_THERE)
        .keep_alive_timeout(ARE_YOU_THERE)
        .max_header_list_size(LARGEST_HEAD_BYTES);
    http
}
