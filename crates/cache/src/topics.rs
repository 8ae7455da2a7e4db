//! Broadcast: what is published reaches those who are subscribed at that moment, and is kept for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;

/// Messages of a topic that wait for its slowest subscriber before it misses the oldest.
const WAITING: usize = 128;

type Senders = HashMap<Arc<str>, broadcast::Sender<News>>;

/// The topics that somebody in this process is subscribed to.
#[derive(Default)]
pub struct Topics {
    senders: Mutex<Senders>,
    left: Option<mpsc::UnboundedSender<Arc<str>>>,
}

impl Topics {
    /// Topics that say their name here when their last subscriber leaves.
    pub fn telling(left: mpsc::UnboundedSender<Arc<str>>) -> Self {
        Self { left: Some(left), ..Self::default() }
    }

    pub fn publish(&self, topic: &str, news: News) {
        // Taken out of the lock: sending wakes subscribers, and one that leaves then needs the lock itself.
        let sender = self.lock().get(topic).cloned();
        if let Some(sender) = sender {
            // It fails when the last subscriber is just leaving, which is as if it had left before.
            let _ = sender.send(news);
        }
    }

    /// Whether anybody is subscribed.
    pub fn has(&self, topic: &str) -> bool {
        self.lock().contains_key(topic)
    }

    pub fn names(&self) -> Vec<Arc<str>> {
        self.lock().keys().cloned().collect()
    }

    pub fn subscribe(self: &Arc<Self>, topic: &str) -> Subscription {
        let topic: Arc<str> = topic.into();
        let receiver = self
            .lock()
            .entry(Arc::clone(&topic))
            .or_insert_with(|| broadcast::Sender::new(WAITING))
            .subscribe();
        Subscription { receiver, _seat: Seat { topic, topics: Arc::downgrade(self) } }
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Somebody published this.
    Message(Bytes),
    /// Something may have been published that this subscriber did not hear, because it was too slow or the server that
    /// carries messages was away: what it knows from messages, it must load again.
    Missed,
}

/// An ear on one topic. It leaves when dropped.
pub struct Subscription {
    // Before the seat, so that the last to leave sees an empty room.
    receiver: broadcast::Receiver<News>,
    _seat: Seat,
}

impl Subscription {
    /// The same ear, deaf to what came so far.
    pub(crate) fn starting_now(mut self) -> Self {
        self.receiver = self.receiver.resubscribe();
        self
    }

    /// Waits for news; `None` once the cache itself is gone. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Option<News> {
        match self.receiver.recv().await {
            Ok(news) => Some(news),
            Err(RecvError::Lagged(_)) => Some(News::Missed),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Removes its topic when nobody is left, since topics may be as many as users.
struct Seat {
    topic: Arc<str>,
    topics: Weak<Topics>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(topics) = self.topics.upgrade() else { return };
        let mut senders = topics.lock();
        if senders.get(&self.topic).is_some_and(|sender| sender.receiver_count() == 0) {
            senders.remove(&self.topic);
            if let Some(left) = &topics.left {
                // Nobody listens once the cache itself is gone.
                let _ = left.send(Arc::clone(&self.topic));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_lives_as_long_as_somebody_is_subscribed() {
        let topics = Arc::<Topics>::default();
        let (first, second) = (topics.subscribe("a"), topics.subscribe("a"));
        drop(first);
        assert_eq!(topics.lock().len(), 1);
        drop(second);
        assert!(topics.lock().is_empty());
    }
}
