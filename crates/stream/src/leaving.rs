//! What still has to be done when whoever did it was dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How long it may take when the process stops.
const GRACE: Duration = Duration::from_secs(5);

/// Everything that is leaving. Cheap to clone.
#[derive(Clone, Default)]
pub struct Leaving(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl Leaving {
    /// Goes on behind the back of whoever dropped it.
    pub fn add(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut works = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        works.retain(|work| !work.is_finished());
        works.push(runtime.spawn(work));
    }

    /// Waits until it is done, but not for long.
    pub async fn done(&self) {
        let works = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if tokio::time::timeout(GRACE, join_all(works)).await.is_err() {
            tracing::warn!("what was published last is not acknowledged yet; it will be published once more");
        }
    }
}
