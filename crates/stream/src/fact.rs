//! Telling a fact, and reading it.

use std::sync::Arc;

use db::{Companion, Step};
use serde::de::DeserializeOwned;
use types::facts::Tell;
use types::{Clock, Error, Ids, Result, Timestamp};

use crate::store;
use crate::wake::Bell;

/// A fact as consumers read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its place in the order of commits.
    pub number: i64,
    /// Its own id, the same wherever it is delivered.
    pub id: i64,
    /// The topic it belongs to.
    pub topic: String,
    /// Facts of one key keep their order on every way they take.
    pub key: i64,
    /// What kind of thing happened.
    pub kind: String,
    /// The fact itself, as JSON.
    pub body: String,
    /// When it was told.
    pub created_at: Timestamp,
    /// When it was on its way: published by the relay, or, where there is none, told.
    pub published_at: Timestamp,
}

impl Fact {
    /// The fact that says this, told now and not numbered yet.
    pub fn saying<T: Tell>(fact: &T, id: i64, now: Timestamp) -> Result<Self> {
        let body = serde_json::to_string(fact)
            .map_err(|e| Error::internal_by("a fact cannot be written as JSON", e))?;
        let (topic, kind) = (T::TOPIC.to_owned(), T::KIND.to_owned());
        Ok(Self { number: 0, id, topic, key: fact.key(), kind, body, created_at: now, published_at: now })
    }

    /// The fact as a `T`, or `None` when it is of another kind.
    pub fn read<T: Tell + DeserializeOwned>(&self) -> Result<Option<T>> {
        if (self.topic.as_str(), self.kind.as_str()) != (T::TOPIC, T::KIND) {
            return Ok(None);
        }
        let read = serde_json::from_str(&self.body);
        read.map(Some)
            .map_err(|e| Error::internal_by(format!("fact {} does not read as {}", self.number, T::KIND), e))
    }
}

/// Makes facts out of what happened. Cheap to clone.
#[derive(Clone)]
pub struct Teller {
    ids: Ids,
    clock: Arc<dyn Clock>,
    bell: Bell,
}

impl Teller {
    pub(crate) const fn new(ids: Ids, clock: Arc<dyn Clock>, bell: Bell) -> Self {
        Self { ids, clock, bell }
    }

    /// A teller whose facts wake nobody: for tests of services.
    pub fn unheard(ids: Ids, clock: Arc<dyn Clock>) -> Self {
        Self::new(ids, clock, Bell::default())
    }

    /// The fact, ready to go along with the write it tells of.
    pub fn tell<T: Tell>(&self, fact: &T) -> Result<Telling> {
        let fact = Fact::saying(fact, self.ids.next::<Fact>()?.number(), self.clock.now())?;
        Ok(Telling { fact, bell: self.bell.clone() })
    }

    /// Facts of another database, told again in this one.
    pub(crate) fn again(&self, mut facts: Vec<Fact>) -> Result<Retelling> {
        // What one was called there may be the name of another here.
        let ids = self.ids.next_many::<Fact>(facts.len())?;
        facts.iter_mut().zip(ids).for_each(|(fact, id)| fact.id = id.number());
        Ok(Retelling { facts, bell: self.bell.clone() })
    }
}

/// A fact on its way into a transaction.
#[derive(Debug)]
pub struct Telling {
    fact: Fact,
    bell: Bell,
}

impl Telling {
    /// What it says, if it says a `T`: how tests look into what goes along with a write.
    pub fn says<T: Tell + DeserializeOwned>(&self) -> Option<T> {
        self.fact.read().ok().flatten()
    }
}

impl Companion for Telling {
    fn steps(&self) -> Vec<Step> {
        vec![store::insert(&self.fact)]
    }

    fn committed(&self) {
        self.bell.ring();
    }
}

/// Facts of another database on their way into a transaction.
#[derive(Debug)]
pub struct Retelling {
    facts: Vec<Fact>,
    bell: Bell,
}

impl Companion for Retelling {
    fn steps(&self) -> Vec<Step> {
        store::insert_all(&self.facts)
    }

    fn committed(&self) {
        self.bell.ring();
    }
}
