//! How far a group has come, for whoever watches over the house.

use std::time::Duration;

use types::Result;

use crate::Stream;
use crate::store::{Place, RELAY};

/// What a group, or the relay of a topic, still has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Facts; far ahead those of other topics count too, because to look at each of them would take long.
    pub facts: i64,
    /// How long ago the oldest of them was told; zero when there is none.
    pub age: Duration,
}

impl Stream {
    /// What the group still has before it. Costs little, however much that is.
    pub async fn lag(&self, group: &'static str, topic: &'static str) -> Result<Lag> {
        let (facts, oldest) = self.facts().ahead(Place { consumer: group, topic }).await?;
        let micros = oldest.map_or(0, |oldest| self.now().micros() - oldest.micros());
        Ok(Lag { facts, age: Duration::from_micros(u64::try_from(micros).unwrap_or(0)) })
    }

    /// What of this topic waits to be published; none if it is not to be.
    pub async fn unpublished(&self, topic: &'static str) -> Result<Option<Lag>> {
        let is_published = self.facts().relayed(topic).await?.is_some();
        Ok(if is_published { Some(self.lag(RELAY, topic).await?) } else { None })
    }
}
