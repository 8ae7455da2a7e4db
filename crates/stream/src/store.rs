//! Facts, positions and parked facts in the database.

mod ferried;
mod kept;
mod watched;
mod ways;

use std::time::Duration;

use cache::Cache;
use db::{Along, Batch, Db, Error, FromRow, Result, Row, Rows, Sql, Step, sized, sql};

use crate::Afar;
use crate::mark::Mark;
use crate::{Fact, Parked};

pub use ferried::FERRY;
pub use ways::{RELAY, Relayed, Turn};

/// How long a fact of another process may wait to be noticed.
const LOOK: Duration = Duration::from_millis(200);
/// How often to look all the same where there is no other process.
const LOOK_ALONE: Duration = Duration::from_secs(1);
/// How many facts are numbered at once.
const NUMBERED: i64 = 1_000;

/// The step that commits a fact.
pub fn insert(fact: &Fact) -> Step {
    let insert = sql!(
        "insert into facts (id, topic, order_key, kind, body, created_at) values (?, ?, ?, ?, ?, ?)",
        fact.id,
        fact.topic.as_str(),
        fact.key,
        fact.kind.as_str(),
        fact.body.as_str(),
        fact.created_at
    );
    Step::new(insert, Rows::Exactly(1))
}

/// The steps that commit many.
pub fn insert_all(facts: &[Fact]) -> Vec<Step> {
    let row = |fact: &Fact| {
        let (topic, kind, body) = (fact.topic.as_str(), fact.kind.as_str(), fact.body.as_str());
        vec![fact.id.into(), topic.into(), fact.key.into(), kind.into(), body.into(), fact.created_at.into()]
    };
    let rows = facts.iter().map(row).collect();
    let head = "insert into facts (id, topic, order_key, kind, body, created_at) values";
    Batch::new().bulk(head, rows).into_steps()
}

/// The step that takes a fact from those set aside.
pub fn unpark(consumer: &str, number: i64) -> Step {
    let delete = sql!("delete from parked_facts where consumer = ? and number = ?", consumer, number);
    Step::new(delete, Rows::Exactly(1))
}

/// Where a group's position of a topic is written.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The group.
    pub consumer: &'static str,
    /// The topic.
    pub topic: &'static str,
}

impl Place {
    /// The step of one of its rows from one number to another, which cannot happen twice.
    pub fn step(self, part: i64, from: i64, to: i64) -> Step {
        let update = sql!(
            "update positions set position = ? where consumer = ? and topic = ? and part = ? and position = ?",
            to,
            self.consumer,
            self.topic,
            part,
            from
        );
        Step::new(update, Rows::Exactly(1))
    }
}

/// Adds to a total.
pub fn add(name: &'static str, more: i64) -> Batch {
    Batch::new().any(sql!(
        "insert into counters (name, value) values (?, ?) \
         on conflict (name) do update set value = counters.value + excluded.value",
        name,
        more
    ))
}

/// The tables.
#[derive(Clone)]
pub struct Facts {
    db: Db,
}

impl Facts {
    /// In this database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Whether facts have their number as soon as they are committed.
    pub const fn are_born_numbered(&self) -> bool {
        self.db.numbers_in_commit_order()
    }

    /// Whether nobody but this process writes facts.
    pub const fn have_one_process(&self) -> bool {
        self.db.is_sole()
    }

    /// By what its processes wake each other.
    pub fn afar(&self, cache: &Cache) -> Option<Afar> {
        Afar::by(&self.db, cache)
    }

    /// How long to wait for a ring before looking all the same: what other processes commit rings none here.
    pub const fn look(&self) -> Duration {
        if self.have_one_process() { LOOK_ALONE } else { LOOK }
    }

    /// The number of the newest fact.
    pub async fn newest(&self) -> Result<i64> {
        Ok(self.db.first::<Option<i64>>(sql!("select max(number) from facts")).await?.flatten().unwrap_or(0))
    }

    /// A total; nothing was counted yet when it is not there.
    pub async fn total(&self, name: &str) -> Result<i64> {
        Ok(self.db.first(sql!("select value from counters where name = ?", name)).await?.unwrap_or(0))
    }

    /// The topic's facts with these numbers, in order.
    pub async fn between(&self, topic: &str, after: i64, upto: i64) -> Result<Vec<Fact>> {
        let facts = sql!(
            "select number, id, topic, order_key, kind, body, created_at from facts \
             where number > ? and number <= ? and topic = ? order by number",
            after,
            upto,
            topic
        );
        self.db.all(facts).await
    }

    /// The number up to which the group has handled everything; from the beginning if it is new.
    pub async fn position(&self, place: Place) -> Result<i64> {
        Ok(self.written(place).await?.unwrap_or(0))
    }

    /// The same, if it has ever been here.
    async fn written(&self, place: Place) -> Result<Option<i64>> {
        let lowest = sql!(
            "select min(position) from positions where consumer = ? and topic = ?",
            place.consumer,
            place.topic
        );
        Ok(self.db.first::<Option<i64>>(lowest).await?.flatten())
    }

    /// Sets a fact aside and moves on. False when the position had been moved already.
    pub async fn park(&self, parked: &Parked, mark: Mark) -> Result<bool> {
        let Parked { consumer, fact, error, parked_at } = parked;
        let insert = sql!(
            "insert into parked_facts (consumer, number, id, topic, order_key, kind, body, created_at, error, parked_at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            consumer.as_str(),
            fact.number,
            fact.id,
            fact.topic.as_str(),
            fact.key,
            fact.kind.as_str(),
            fact.body.as_str(),
            fact.created_at,
            error.as_str(),
            *parked_at
        );
        happened(self.db.write(Batch::of_one(insert).along(Along::none().with(mark))).await)
    }

    /// Numbers facts that have none, oldest first, among those whose ids are higher than this; the last of them.
    pub async fn number_waiting(&self, after: i64) -> Result<Option<i64>> {
        let waiting = sql!(
            "select f.id, c.value from counters c cross join facts f \
             where c.name = 'facts' and f.number is null and f.id > ? order by f.id limit ?",
            after,
            NUMBERED
        );
        let waiting: Vec<(i64, i64)> = self.db.all(waiting).await?;
        let Some((last, before)) = waiting.last().copied() else { return Ok(None) };
        let mut left = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
        // Of sequencers that look at once one finds the counter where it was, and the others look again.
        let count = sql!(
            "update counters set value = ? where name = 'facts' and value = ?",
            before.saturating_add(left),
            before
        );
        let mut batch = Batch::of_one(count);
        for part in sized(waiting.into_iter().map(|(id, _)| id).collect()) {
            batch = batch.step(number(&part, left), Rows::Exactly(part.len() as u64));
            left = left.saturating_sub_unsigned(part.len() as u64);
        }
        happened(self.db.write(batch).await)?;
        Ok(Some(last))
    }
}

/// False when a mark missed: what it stands for has happened before.
fn happened(written: Result<()>) -> Result<bool> {
    match written {
        Err(Error::Missed { .. }) => Ok(false),
        other => other.map(|()| true),
    }
}

/// Gives these facts the last numbers that were counted but for those that are left, in their order.
fn number(ids: &[i64], left: i64) -> Sql {
    let mut sql = sql!(
        "update facts set number = (select value from counters where name = 'facts') - ? + case id",
        left
    );
    for (at, id) in ids.iter().enumerate() {
        sql = sql.push(&format!(" when ? then {}", at + 1)).bind(*id);
    }
    // Not "and number is null", which the counter has made sure of: a server would look for them by that.
    sql.push(" end where id in ").within(ids.iter().copied())
}

impl FromRow for Fact {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            id: row.get(1)?,
            topic: row.get(2)?,
            key: row.get(3)?,
            kind: row.get(4)?,
            body: row.get(5)?,
            created_at: row.get(6)?,
            published_at: row.get(6)?,
        })
    }
}

impl FromRow for Parked {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            fact: Fact::from_row(row)?,
            consumer: row.get(7)?,
            error: row.get(8)?,
            parked_at: row.get(9)?,
        })
    }
}
