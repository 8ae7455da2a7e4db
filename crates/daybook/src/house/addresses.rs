//! Ports are taken before anything else is done: a taken one is the commonest reason why a start fails.

use std::net::{SocketAddr, TcpListener};

use api::serve::Listener;
use types::{Error, Result};

use crate::config::Config;

/// The addresses of a house, and what listens there.
pub struct Addresses {
    /// For everybody.
    pub public: Vec<SocketAddr>,
    /// For operators.
    pub system: SocketAddr,
    listeners: Option<(Vec<TcpListener>, TcpListener)>,
}

impl Addresses {
    /// Takes the addresses that are set.
    pub fn take(config: &Config) -> Result<Self> {
        let taken = |addresses: &[SocketAddr]| api::serve::listen(addresses).map_err(Error::internal);
        let address = |listener: &TcpListener| {
            listener.local_addr().map_err(|e| Error::internal_by("a listener has no address", e))
        };
        let public = taken(&config.listen)?;
        let system = taken(&[config.system.listen])?;
        let system = system.into_iter().next().ok_or_else(|| Error::internal("system.listen is empty"))?;
        Ok(Self {
            public: public.iter().map(address).collect::<Result<_>>()?,
            system: address(&system)?,
            listeners: Some((public, system)),
        })
    }

    /// The listeners, once.
    pub fn listeners(&mut self) -> Result<(Vec<Listener>, Vec<Listener>)> {
        let (public, system) =
            self.listeners.take().ok_or_else(|| Error::internal("a house is served once"))?;
        Ok((public.into_iter().map(Into::into).collect(), vec![system.into()]))
    }
}
