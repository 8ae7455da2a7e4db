//! Broadcast: what is published reaches those who are subscribed at that moment, and is kept for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};

/// Messages of a topic that wait for its slowest subscriber before it misses the oldest.
const WAITING: usize = 128;

type Senders = HashMap<Arc<str>, broadcast::Sender<Bytes>>;

/// The topics that somebody is subscribed to.
#[derive(Default)]
pub struct Topics(Mutex<Senders>);

impl Topics {
    pub fn publish(&self, topic: &str, message: &[u8]) {
        // Taken out of the lock: sending wakes subscribers, and one that leaves then needs the lock itself.
        let sender = self.lock().get(topic).cloned();
        if let Some(sender) = sender {
            // It fails when the last subscriber is just leaving, which is as if it had left before.
            let _ = sender.send(Bytes::copy_from_slice(message));
        }
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Somebody published this.
    Message(Bytes),
    /// Something was published that this subscriber was too slow for: what it knows from messages, it must load again.
    Missed,
}

/// An ear on one topic. It leaves when dropped.
pub struct Subscription {
    // Before the seat, so that the last to leave sees an empty room.
    receiver: broadcast::Receiver<Bytes>,
    _seat: Seat,
}

impl Subscription {
    /// Waits for news; `None` once the cache itself is gone. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Option<News> {
        match self.receiver.recv().await {
            Ok(message) => Some(News::Message(message)),
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
