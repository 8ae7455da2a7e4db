//! What became of a message, for those who may see it.

use types::{Caller, Error, MessageId, Result};

use super::store::SqlTrails;
use super::{Arrival, Trail};
use crate::messages::{Messages, NO_MESSAGE};

/// Members that are told of, those first who had it last.
const MOST: i64 = 200;

/// The verbs. Cheap to clone.
#[derive(Clone)]
pub struct Trails {
    store: SqlTrails,
    messages: Messages,
}

impl Trails {
    /// Over this store.
    pub const fn new(store: SqlTrails, messages: Messages) -> Self {
        Self { store, messages }
    }

    /// What became of a message that the caller may see.
    pub async fn find(&self, caller: &Caller, id: MessageId) -> Result<Trail> {
        let message = self.messages.find(caller, id).await?;
        let marks = self.store.marks(id).await?.ok_or(Error::NotFound(NO_MESSAGE))?;
        let arrivals = self.store.arrivals(&message, MOST).await?;
        let arrivals = arrivals.into_iter().map(Arrival::sound).collect();
        Ok(Trail { message, marks, arrivals })
    }
}
