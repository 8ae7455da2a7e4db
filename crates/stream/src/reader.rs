//! One group's way through the table.

use types::Result;

use crate::standing::{Moves, PASSED, Rows, Standing};
use crate::store::Facts;
use crate::{Consumer, Stream};

/// Reads for one group.
pub struct Reader<'s> {
    stream: &'s Stream,
    consumer: &'s dyn Consumer,
    /// As it is written; nothing when it has to be read again.
    standing: Option<Standing<'s>>,
    /// The number up to which nothing more is for this group.
    seen: i64,
    /// The newest fact at the last step.
    newest: i64,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It has moved on, past so many facts of its own.
    On(usize),
    /// The group goes another way, and this one is no longer its.
    Aside,
}

impl<'s> Reader<'s> {
    /// A reader for this consumer.
    pub fn new(stream: &'s Stream, consumer: &'s dyn Consumer) -> Self {
        Self { stream, consumer, standing: None, seen: 0, newest: 0 }
    }

    /// What is known is forgotten: after a failure it may not be true.
    pub fn forget(&mut self) {
        self.standing = None;
    }

    /// The number of the newest fact at the last step.
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// Whether the group has not come to that one yet, as far as is known.
    pub const fn is_behind(&self) -> bool {
        self.standing.is_none() || self.seen < self.newest
    }

    /// Handles what comes next, up to so many facts.
    pub async fn step(&mut self, portion: i64) -> Result<Came> {
        let facts = self.facts();
        let mut standing = match self.standing.take() {
            Some(standing) => standing,
            None => match Standing::find(self.stream, self.consumer, Rows::Table).await? {
                Some(standing) => {
                    self.seen = standing.at()[0];
                    standing
                }
                None => return Ok(Came::Aside),
            },
        };
        self.newest = facts.newest().await?;
        let upto = self.newest.min(self.seen + portion);
        if upto <= self.seen {
            self.standing = Some(standing);
            return Ok(Came::On(0));
        }
        let batch = facts.between(self.consumer.topic(), self.seen, upto).await?;
        let found = batch.len();
        let has_to_move = !batch.is_empty() || upto - standing.at()[0] >= PASSED;
        // When somebody else of this group moved it, where it stands now has to be read.
        if !has_to_move || standing.pass(&batch, &Moves::from([(0, upto)])).await? {
            (self.standing, self.seen) = (Some(standing), upto);
        }
        Ok(Came::On(found))
    }

    const fn facts(&self) -> &'s Facts {
        self.stream.facts()
    }
}
