//! What follows from a message that is stored: it is marked as processed and counted, once, in one transaction that also
//! moves on in the facts.

mod store;
#[cfg(test)]
mod stories;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use db::{Along, Db};
use stream::{Consumer, Fact};
use types::facts::messages::{MessageSent, TOPIC};
use types::{ChatId, Clock, MessageId, Result, Timestamp, UserId};

use store::SqlProcessing;

/// The group that processes messages.
pub const GROUP: &str = "messenger.processed";

/// Messages of one transaction, which others wait for on some engines.
const MESSAGES: usize = 500;
/// People whom the messages of a transaction may have come to, but for those of its last one.
const RECEIVERS: usize = 2_000;

/// Processes messages.
pub struct Processing {
    store: SqlProcessing,
    clock: Arc<dyn Clock>,
}

/// A message that is to be marked and counted.
#[derive(Debug, Clone)]
struct Due {
    id: MessageId,
    from: UserId,
    /// Whom it came to.
    to: Vec<UserId>,
    at: Timestamp,
    published_at: Timestamp,
}

impl Processing {
    /// Of this database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { store: SqlProcessing::new(db), clock })
    }

    /// What these facts tell of, each message once, with those whom it came to.
    async fn due(&self, facts: &[Fact]) -> Result<Vec<Due>> {
        let now = self.clock.now();
        let (mut due, mut in_groups) = (BTreeMap::new(), Vec::new());
        for fact in facts {
            let Some(MessageSent { chat, id, from, to, at }) = fact.read()? else { continue };
            if to.is_none() {
                in_groups.push((chat, id));
            }
            let to = to.into_iter().collect();
            // What only lies in a table is published when it is read. Brokers count milliseconds, and those of one have
            // their mark together.
            let by_broker = fact.published_at > fact.created_at;
            let published_at = if by_broker { fact.published_at } else { now };
            due.insert(id, Due { id, from, to, at, published_at });
        }
        for (id, to) in self.receivers(in_groups).await? {
            if let Some(due) = due.get_mut(&id) {
                due.to = to.into_iter().filter(|user| *user != due.from).collect();
            }
        }
        Ok(due.into_values().collect())
    }

    /// Who was in the group when each of these was said, its writer included.
    async fn receivers(
        &self,
        messages: Vec<(ChatId, MessageId)>,
    ) -> Result<HashMap<MessageId, BTreeSet<UserId>>> {
        if messages.is_empty() {
            return Ok(HashMap::new());
        }
        let chats: BTreeSet<ChatId> = messages.iter().map(|(chat, _)| *chat).collect();
        let places = self.store.places(messages.into_iter().map(|(_, id)| id).collect()).await?;
        let stays = self.store.stays(chats.into_iter().collect()).await?;
        let receivers = places.into_iter().map(|(id, chat, seq)| {
            let in_chat = stays.get(&chat).into_iter().flatten();
            (id, in_chat.filter(|stay| stay.has(seq)).map(|stay| stay.user).collect())
        });
        Ok(receivers.collect())
    }
}

#[async_trait]
impl Consumer for Processing {
    fn group(&self) -> &'static str {
        GROUP
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    async fn handle(&self, facts: &[Fact], along: Along) -> Result<()> {
        let mut parts = parts(self.due(facts).await?);
        let Some(last) = parts.pop() else { return Ok(()) };
        // Done again after a crash, those before the last are found to be marked.
        for part in parts {
            self.store.process(part, self.clock.now(), Along::none()).await?;
        }
        self.store.process(last, self.clock.now(), along).await
    }
}

/// What is written together.
fn parts(due: Vec<Due>) -> Vec<Vec<Due>> {
    let (mut parts, mut part, mut receivers) = (Vec::new(), Vec::new(), 0);
    for message in due {
        receivers += message.to.len();
        part.push(message);
        if part.len() == MESSAGES || receivers >= RECEIVERS {
            parts.push(std::mem::take(&mut part));
            receivers = 0;
        }
    }
    parts.extend((!part.is_empty()).then_some(part));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: i64, to: i64) -> Due {
        let (from, at) = (UserId::trusted(1), Timestamp::default());
        let to = (2..2 + to).map(UserId::trusted).collect();
        Due { id: MessageId::trusted(id), from, to, at, published_at: at }
    }

    #[test]
    fn transactions_are_no_larger_than_others_can_wait_for() {
        let sizes = |due: Vec<Due>| parts(due).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(Vec::new()), [0; 0]);
        assert_eq!(sizes((1..=1_100).map(|id| message(id, 1)).collect()), [500, 500, 100]);
        assert_eq!(sizes((1..=5).map(|id| message(id, 1_000)).collect()), [2, 2, 1]);
        assert_eq!(sizes(vec![message(1, 9_000), message(2, 1)]), [1, 1]);
    }
}
