//! A process that works: it signs in, takes jobs, hands them to their handlers, and writes down what came of them.

mod claims;
mod crew;
mod ends;
mod keeper;
mod reaper;
mod shift;
mod waker;

use std::sync::Arc;
use std::time::Duration;

use api::stop::Stop;
use tokio::time::sleep;

use crate::queue::Queue;
use crate::{Draft, Handler};
pub use crew::Crew;
use shift::Shift;

/// After a failure the database is left alone for this long.
const REST: Duration = Duration::from_secs(1);

impl Queue {
    /// Works until it is told to stop, then finishes what runs or gives it back. `room` is how many jobs it has at once.
    pub async fn work(&self, handlers: Vec<Arc<dyn Handler>>, (holder, room): (String, usize), stop: Stop) {
        let crew = Arc::new(Crew::new(handlers, holder, room));
        while !stop.is_set() {
            match Shift::begin(self.clone(), crew.clone()).await {
                // A shift that ends by itself was taken for dead; what it held is somebody else's by now.
                Ok(shift) => Box::pin(shift.last(&stop)).await,
                Err(error) => {
                    tracing::warn!(error = %error, "jobs cannot be taken yet");
                    tokio::select! {
                        () = sleep(REST) => {}
                        () = stop.wait() => {}
                    }
                }
            }
        }
    }
}

/// Another draft of the kind, tried as often as its handler says.
impl Draft {
    /// A job for this handler.
    pub fn of(kind: crate::Kind, payload: impl Into<String>) -> Self {
        Self::new(kind.name, payload, kind.backoff.attempts)
    }
}
