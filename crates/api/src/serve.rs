//! Accepting connections and giving their requests to the application, until told to stop.
//!
//! A connection is a task. It shares with the keeper a seat, on which it notes in passing what it is doing; once a
//! second the keeper goes round and ends connections that have been slow or idle for too long. So a request pays for
//! no timer of its own. When the process stops, the same keeper tells every connection to finish.

mod accept;
mod connection;
mod handover;
mod heads;
mod keeper;
mod lanes;
mod listen;
mod request;
mod streaming;
mod tls;
mod unsent;
mod watched;

#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{task::JoinSet, time::timeout};

use self::{
    connection::Floor,
    keeper::{Keeper, Order},
    lanes::Turns,
    tls::Certificates,
};
pub use self::{
    lanes::Lanes,
    listen::{Listener, listen, listen_unix},
    tls::Tls,
    unsent::Unsent,
};
use crate::stop::Stop;

/// How much time a connection may take for what.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the TLS handshake, and for the head of a request from its first byte to its last.
    pub head: Duration,
    /// For doing nothing between two requests.
    pub idle: Duration,
    /// For a client to take any part of an answer that waits for it.
    pub stall: Duration,
    /// For requests that are running when the process stops.
    pub grace: Duration,
}

/// Who is at the other end of the connection; an extension of every request. A Unix socket counts as this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stall: Duration::from_mins(1),
            grace: Duration::from_secs(30),
        }
    }
}

/// Serves `app` on all listeners until `stop`, then lets running requests finish and returns.
///
/// It is an error only when the TLS certificate cannot be had at the start.
pub async fn run<L: Into<Listener>>(
    listeners: impl IntoIterator<Item = L>,
    app: Router,
    limits: Limits,
    stop: Stop,
    tls: Option<Tls>,
) -> Result<(), String> {
    run_on(listeners, app, limits, stop, tls, None).await
}

/// Where no lanes are given, connections are served where this runs.
async fn run_on<L: Into<Listener>>(
    listeners: impl IntoIterator<Item = L>,
    app: Router,
    limits: Limits,
    stop: Stop,
    tls: Option<Tls>,
    lanes: Option<Arc<Turns>>,
) -> Result<(), String> {
    let listeners = listeners.into_iter().map(Into::into).collect();
    let certificates = tls.map(Certificates::load).transpose()?;
    let keeper = Arc::new(Keeper::new(limits));
    let floor = Arc::new(Floor::new(app, Arc::clone(&keeper), certificates.clone(), lanes));
    serve(listeners, floor, certificates, stop).await?;
    see_out(&keeper, limits.grace).await;
    Ok(())
}

/// Accepts until `stop`; on return the listeners are closed.
async fn serve(
    listeners: Vec<Listener>,
    floor: Arc<Floor>,
    certificates: Option<Arc<Certificates>>,
    stop: Stop,
) -> Result<(), String> {
    // Tasks of their own, so that accepting happens where connections are served even if `run` is not.
    let mut tasks = JoinSet::new();
    for listener in listeners {
        let listener = listener.into_tokio()?;
        let floor = Arc::clone(&floor);
        tasks.spawn(async move { accept::accept(listener, floor).await });
    }
    if let Some(certificates) = certificates {
        tasks.spawn(async move { certificates.watch().await });
    }
    tokio::select! {
        () = stop.wait() => {}
        never = floor.keeper().keep() => match never {},
    }
    tasks.shutdown().await;
    Ok(())
}

async fn see_out(keeper: &Keeper, grace: Duration) {
    let ends = async {
        tokio::select! {
            () = keeper.empty() => {}
            never = keeper.keep() => match never {},
        }
    };
    keeper.tell_all(Order::Finish);
    if timeout(grace, ends).await.is_ok() {
        return;
    }
    tracing::warn!(
        connections = keeper.count(),
        grace_seconds = grace.as_secs(),
        "connections cut off while stopping"
    );
    keeper.tell_all(Order::Leave);
    keeper.empty().await;
}
