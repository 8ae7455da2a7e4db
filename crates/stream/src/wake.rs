//! Waking whoever waits for facts, in this process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Rung when facts were committed; waiting ends at the next ring, or at one that was missed meanwhile.
#[derive(Debug, Clone)]
pub struct Bell(Arc<watch::Sender<()>>);

impl Default for Bell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl Bell {
    /// Wakes everybody.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Somebody to be woken.
    pub fn listener(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// One that waits.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Listener {
    /// Until the bell rings, but no longer than this: another process's commits ring no bell here.
    pub async fn wait(&mut self, longest: Duration) {
        // Neither way of not being rung matters: time passed, or nobody is left who could ring.
        let _ = tokio::time::timeout(longest, self.0.changed()).await;
    }
}
