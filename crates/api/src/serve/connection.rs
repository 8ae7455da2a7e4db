//! One connection, from its first byte to its last.

use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::ControlFlow,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

use super::{
    Peer,
    keeper::{Keeper, Place},
    request::Desk,
    tls::Certificates,
    watched::Watched,
};

/// More than the edge allows, so that what is too large is refused there, in the house's own words.
const MOST_HEADERS: usize = 256;
const LARGEST_HEAD_BYTES: u32 = 128 * 1024;
/// How often an HTTP/2 client is asked whether it is still there, and for how long it may keep silent.
const ARE_YOU_THERE: Duration = Duration::from_secs(20);

/// All that connections share.
#[derive(Debug)]
pub(super) struct Floor {
    app: Router,
    http: Builder<TokioExecutor>,
    keeper: Arc<Keeper>,
    certificates: Option<Arc<Certificates>>,
}

impl Floor {
    pub(super) fn new(app: Router, keeper: Arc<Keeper>, certificates: Option<Arc<Certificates>>) -> Self {
        // Handlers are made ready once, here, instead of at every request.
        Self { app: app.with_state(()), http: protocol(), keeper, certificates }
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
        match &self.certificates {
            None => drop(tokio::spawn(async move { floor.serve(stream, peer, place).await })),
            Some(certificates) => {
                let acceptor = certificates.acceptor();
                tokio::spawn(async move {
                    let handshake = pin!(acceptor.accept(stream));
                    match place.attend(handshake, |_| ControlFlow::Break(())).await {
                        Some(Ok(stream)) => floor.serve(stream, peer, place).await,
                        Some(Err(error)) => tracing::debug!(peer = %peer.0, %error, "no TLS handshake"),
                        None => {}
                    }
                });
            }
        }
    }

    /// Serves a connection from this machine.
    pub(super) fn admit_unix(self: &Arc<Self>, stream: UnixStream) {
        let peer = Peer((Ipv4Addr::LOCALHOST, 0).into());
        let (floor, place) = (Arc::clone(self), self.keeper.admit());
        tokio::spawn(async move { floor.serve(stream, peer, place).await });
    }

    async fn serve<S>(&self, stream: S, peer: Peer, place: Place)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let stream = TokioIo::new(Watched::new(stream, place.share()));
        let desk = Desk::new(self.app.clone(), peer, place.share());
        let connection = pin!(self.http.serve_connection_with_upgrades(stream, desk));
        let ended = place.attend(connection, |connection| {
            connection.graceful_shutdown();
            ControlFlow::Continue(())
        });
        if let Some(Err(error)) = ended.await {
            tracing::debug!(peer = %peer.0, error, "connection broke");
        }
    }
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
