//! What follows from a message that is stored: it is marked as processed, once, in the transaction that moves on.

use std::sync::Arc;

use async_trait::async_trait;
use db::{Along, Batch, Db, sized, sql};
use stream::{Consumer, Fact};
use types::facts::messages::{MessageSent, TOPIC};
use types::{Clock, Result};

/// The group that processes messages.
const GROUP: &str = "messenger.processed";

/// Processes messages.
pub struct Processing {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl Processing {
    /// Of this database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { db, clock })
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
        let sent = facts.iter().filter_map(|fact| fact.read::<MessageSent>().transpose());
        let sent: Vec<MessageSent> = sent.collect::<Result<_>>()?;
        let now = self.clock.now();
        let ids = sent.iter().map(|fact| fact.id).collect();
        let marks = sized(ids).map(|ids| {
            let update = sql!(
                "update messages set published_at = ?, processed_at = ? where processed_at is null and id in ",
                now,
                now
            );
            update.within(ids)
        });
        let batch = marks.fold(Batch::new(), Batch::any);
        Ok(self.db.write(batch.along(along)).await?)
    }
}
