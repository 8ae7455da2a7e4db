//! One process's part in a group of consumers.

use std::sync::Arc;
use std::time::Duration;

use types::Result;

use super::Kafka;
use super::ear::Ear;
use super::sift::sift;
use crate::pace::{Pace, put_off};
use crate::standing::{Rows, Standing, settle};
use crate::{Consumer, Stream};

/// How often to look whether the relay has begun, and whether the group goes this way again.
const AGAIN: Duration = Duration::from_secs(1);

/// Delivers to the consumer for as long as it is polled.
pub async fn hear(stream: &Stream, consumer: Arc<dyn Consumer>, kafka: &Kafka) {
    // Once: later, whoever changes the way of the group means it.
    let mut may_settle = true;
    let mut failures = 0;
    loop {
        match session(stream, &*consumer, kafka, &mut may_settle).await {
            Ok(()) => {
                failures = 0;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => {
                failures = put_off(consumer.group(), "facts could not be heard", &error, failures).await;
            }
        }
    }
}

/// Puts the group on its way and handles what comes, until it goes another.
async fn session(
    stream: &Stream,
    consumer: &dyn Consumer,
    kafka: &Kafka,
    may_settle: &mut bool,
) -> Result<()> {
    let Some(relayed) = stream.facts().relayed(consumer.topic()).await? else { return Ok(()) };
    if std::mem::take(may_settle) {
        settle(stream, consumer, relayed.parts).await.inspect_err(|_| *may_settle = true)?;
    }
    if Standing::find(stream, consumer, Rows::Parts).await?.is_none() {
        return Ok(());
    }
    let mut member = Member::join(stream, consumer, kafka).await?;
    let mut pace = Pace::new(consumer.rest(), 1);
    let mut failures = 0;
    loop {
        member.ear.gather().await;
        pace.begin();
        match member.handle().await {
            Ok(Came::On(number)) => {
                failures = 0;
                pace.rest(number, true).await;
            }
            Ok(Came::Parted(parts)) => return settle(stream, consumer, parts).await,
            Ok(Came::Aside) => {
                tracing::warn!(
                    group = consumer.group(),
                    "another process keeps this topic in the table; what comes by Kafka is not handled"
                );
                return Ok(());
            }
            Err(error) => {
                member.standing = None;
                failures = put_off(consumer.group(), "facts could not be handled", &error, failures).await;
            }
        }
    }
}

/// What came of handling.
enum Came {
    /// All of it is done, up to about this number.
    On(i64),
    /// The topic has this number of partitions now.
    Parted(i64),
    /// The group goes another way.
    Aside,
}

struct Member<'s> {
    stream: &'s Stream,
    consumer: &'s dyn Consumer,
    origin: i64,
    ear: Ear,
    /// As it is written; nothing when it has to be read again.
    standing: Option<Standing<'s>>,
}

impl<'s> Member<'s> {
    async fn join(stream: &'s Stream, consumer: &'s dyn Consumer, kafka: &Kafka) -> Result<Self> {
        let (line, leaving) = (kafka.line.clone(), stream.leaving());
        let ear = Ear::join(kafka, consumer.group(), consumer.topic(), line, leaving)?;
        let origin = stream.facts().origin(stream.now()).await?;
        Ok(Self { stream, consumer, origin, ear, standing: None })
    }

    /// Handles what was heard.
    async fn handle(&mut self) -> Result<Came> {
        let mut done = 0;
        while done < self.ear.heard.len() {
            let Some(standing) = self.standing().await? else { return Ok(Came::Aside) };
            let (mut standing, heard) = (standing, &self.ear.heard[done..]);
            let sifted = sift(standing.at(), self.origin, heard);
            let goes_on = sifted.upto.is_empty() || standing.pass(&sifted.facts, &sifted.upto).await?;
            let goes_on =
                goes_on && (sifted.missing.is_empty() || standing.catch_up(&sifted.missing).await?);
            if !goes_on {
                // Somebody else of this group has moved it, and it is read again.
                continue;
            }
            done += sifted.used;
            self.ear.meets(sifted.of_other_houses);
            if sifted.is_of_others {
                let relayed = self.stream.facts().relayed(self.consumer.topic()).await?;
                let parts = relayed.map(|relayed| relayed.parts);
                if let Some(parts) = parts.filter(|parts| usize::try_from(*parts) != Ok(standing.at().len()))
                {
                    return Ok(Came::Parted(parts));
                }
                // From a relay that did not know yet. The next one says again where it begins.
                done += 1;
            }
            self.standing = Some(standing);
        }
        Ok(Came::On(self.ear.let_go(done)))
    }

    async fn standing(&mut self) -> Result<Option<Standing<'s>>> {
        match self.standing.take() {
            Some(standing) => Ok(Some(standing)),
            None => Standing::find(self.stream, self.consumer, Rows::Parts).await,
        }
    }
}
