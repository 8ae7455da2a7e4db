//! What a domain brings to the house, in one value: the program puts parts together and knows nothing else of them.

mod section;

use std::sync::Arc;

use api::stop::Stop;
use axum::Router;
use futures_util::future::BoxFuture;
use jobs::Handler;
use stream::Consumer;

pub use section::{Piece, Question, Section, Source};

/// One domain, ready to be served.
pub struct Part {
    /// Its routes, over HTTP and gRPC.
    pub router: Router,
    /// What it does about facts.
    pub consumers: Vec<Arc<dyn Consumer>>,
    /// Whose jobs it does.
    pub handlers: Vec<Arc<dyn Handler>>,
    /// What it counts, for the system port.
    pub totals: Vec<Total>,
    /// What it does beside all that, from the start until it is told to stop.
    pub works: Vec<Work>,
}

/// Something that goes on until it is told to stop; then it ends by itself.
pub type Work = Box<dyn FnOnce(Stop) -> BoxFuture<'static, ()> + Send + Sync>;

/// A number that a domain shows on the system port.
#[derive(Debug, Clone, Copy)]
pub struct Total {
    /// The metric's name.
    pub metric: &'static str,
    /// What it counts, in a few words.
    pub help: &'static str,
    /// The tally that keeps it.
    pub tally: &'static str,
}
