//! What the gateway remembers: a few simple answers, for each user their own, until that user writes.
//!
//! It stands between the edge, which knows who asks, and whatever answers, here or elsewhere. A read looks for an answer,
//! joins whoever asks the same at this moment, or makes the call. A write of the same user ends what it touches, after the
//! answer to it and before the client hears that. `Cache-Status` (RFC 9211) says what happened.

mod answer;
mod doorkeeper;
mod flights;
mod rack;
mod reads;
mod wishes;
mod writes;

use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use api::edge::{Asked, Behind, Between, Identity};
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::UPGRADE;
use axum::response::Response;
use cache::Cache;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use types::{Caller, Clock};

use doorkeeper::Doorkeeper;
use flights::Flights;
use rack::Rack;
use writes::Writes;

/// The domain of paths that are made of what all domains have: every write touches them.
pub const EVERYTHING: &str = "*";

/// A path whose answers to GET are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// The path, without parameters; each query of it is remembered by itself.
    pub path: &'static str,
    /// The domain whose writes change it, or [`EVERYTHING`].
    pub domain: &'static str,
    /// A parameter of queries that are not remembered: what they find changes some time after a write, not with it.
    pub lagging: Option<&'static str>,
}

/// What remembering needs.
pub struct Needs {
    /// Where answers lie; none where writes of others could not be heard of. Then nothing is remembered.
    pub cache: Option<Cache>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long an answer is remembered.
    pub lifetime: Duration,
    /// How many bytes may come in while one lifetime passes.
    pub room: usize,
    /// A random number, which makes this process's generations unlike any other's.
    pub seed: u64,
    /// What is remembered.
    pub paths: &'static [Path],
    /// All routes of the house, each with its domain.
    pub routes: Vec<(String, &'static str)>,
    /// Paths that begin so say in their next part whose account it is about.
    pub accounts: &'static str,
}

/// The gateway's memory.
pub struct Remembered {
    paths: &'static [Path],
    writes: Writes,
    rack: Option<Rack>,
    flights: Arc<Flights>,
    doorkeeper: Arc<Doorkeeper>,
    hasher: RandomState,
    clock: Arc<dyn Clock>,
}

impl Between for Remembered {
    fn concerns(&self, request: &Request) -> bool {
        let concerned = if request.method() == Method::GET {
            self.path(request).is_some() && !request.headers().contains_key(UPGRADE)
        } else {
            self.rack.is_some() && !request.method().is_safe()
        };
        concerned && caller(request).is_some()
    }

    // Two futures and not one with two ways: reads take much more room than writes.
    fn answer(&self, request: Request, behind: Behind) -> BoxFuture<'_, Response> {
        let Some(caller) = caller(&request) else { return behind.answer(request).boxed() };
        match self.path(&request).filter(|_| request.method() == Method::GET) {
            Some(path) => self.read(path, caller, request, behind).boxed(),
            None => self.write(caller, request, behind).boxed(),
        }
    }
}

fn caller(request: &Request) -> Option<Caller> {
    match Asked::of(request.extensions())?.identity {
        Identity::Caller(caller) => Some(caller),
        Identity::Nobody | Identity::Refused(_) => None,
    }
}

/// Whether a query has this parameter, or one whose name is written so that it may be this one.
fn may_have(query: Option<&str>, name: &str) -> bool {
    let mut names =
        query.unwrap_or_default().split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    names.any(|said| said == name || said.contains('%'))
}

impl Remembered {
    /// With nothing in it.
    pub fn new(needs: Needs) -> Self {
        let Needs { cache, clock, lifetime, room, seed, paths, routes, accounts } = needs;
        Self {
            paths,
            writes: Writes::new(paths, routes, accounts),
            rack: cache.map(|cache| Rack::new(cache, clock.clone(), lifetime, seed)),
            flights: Arc::default(),
            doorkeeper: Arc::new(Doorkeeper::new(lifetime, room)),
            hasher: RandomState::new(),
            clock,
        }
    }

    fn path(&self, request: &Request) -> Option<&'static Path> {
        let asked = request.uri();
        let path = self.paths.iter().find(|path| path.path == asked.path())?;
        (!path.lagging.is_some_and(|lagging| may_have(asked.query(), lagging))).then_some(path)
    }
}
