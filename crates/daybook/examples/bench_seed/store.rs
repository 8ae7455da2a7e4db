//! Rows for the benchmarks, written in bulk.

use db::{Batch, Db, Result, Value};
use types::Timestamp;

/// Rows of one transaction.
const TOGETHER: usize = 10_000;
/// One task of so many is completed: the oldest, so that whoever looks through a list for them meets all others first.
const COMPLETED: i64 = 1_000;
/// 2026-01-01T00:00:00Z, where ids begin.
const EPOCH_MS: i64 = 1_767_225_600_000;
/// Ids of one millisecond.
const A_MILLISECOND: i64 = 128;

const USERS: &str = "insert into users (id, email, name, password_hash, role, timezone, language, week_start, \
     generation, version, created_at, updated_at) values";
const SESSIONS: &str = "insert into sessions (owner_id, id, agent, address, created_at, seen_at, expires_at, rotation, \
     rotated_at, used, current_hash) values";
const TASKS: &str = "insert into tasks (owner_id, gone, id, title, note, completed, position, version, \
     created_at, updated_at) values";

const VERBS: [&str; 8] =
    ["Buy", "Call about", "Order", "Repair", "Return", "Look for", "Pay for", "Ask about"];
const THINGS: [&str; 8] = [
    "milk and bread",
    "the school trip",
    "tickets to Lviv",
    "the kitchen tap",
    "winter tyres",
    "the insurance papers",
    "a present for Olena",
    "the quarterly report",
];

/// The id that the house would have made as its nth, in slot 0.
pub const fn id(nth: i64) -> i64 {
    ((nth / A_MILLISECOND + 1) << 12) | (nth % A_MILLISECOND)
}

const fn made_at(nth: i64) -> Timestamp {
    Timestamp::from_millis(EPOCH_MS + nth / A_MILLISECOND + 1)
}

/// Rows on their way into the tables.
pub struct Writes<'d> {
    db: &'d Db,
    users: Vec<Vec<Value>>,
    sessions: Vec<Vec<Value>>,
    tasks: Vec<Vec<Value>>,
}

impl<'d> Writes<'d> {
    /// Into this database.
    pub const fn new(db: &'d Db) -> Self {
        Self { db, users: Vec::new(), sessions: Vec::new(), tasks: Vec::new() }
    }

    /// A person, signed in once. They have no password, since nobody signs in again.
    pub async fn person(&mut self, nth: i64, expires_at: Timestamp) -> Result<()> {
        let (id, at) = (Value::from(id(nth)), Value::from(made_at(nth)));
        let text = |text: &str| Value::from(text);
        let email = Value::from(format!("person{nth}@example.org"));
        self.users.push(vec![
            id.clone(),
            email,
            text("A Person"),
            Value::Null,
            text("user"),
            text("UTC"),
            text("en"),
            1.into(),
            1.into(),
            1.into(),
            at.clone(),
            at.clone(),
        ]);
        self.sessions.push(vec![
            id.clone(),
            id,
            text("wrk"),
            text("127.0.0.1"),
            at.clone(),
            at.clone(),
            expires_at.into(),
            0.into(),
            at,
            1.into(),
            Value::Blob(vec![0; 32]),
        ]);
        self.unless_few().await
    }

    /// The owner's nth task of so many; `place` is its place among everybody's.
    pub async fn task(&mut self, owner: i64, (nth, of): (i64, i64), place: i64) -> Result<()> {
        let pick = |of: [&'static str; 8], by: i64| of[usize::try_from(by % 8).unwrap_or(0)];
        let title = format!("{} {} {nth}", pick(VERBS, nth), pick(THINGS, nth / 8));
        let note = (nth % 4 == 0).then_some("Before noon, and take the receipt along this time");
        let at = Value::from(made_at(place));
        self.tasks.push(vec![
            id(owner).into(),
            0.into(),
            id(place).into(),
            title.into(),
            note.into(),
            (nth * COMPLETED < of).into(),
            (id(place) << 10).into(),
            1.into(),
            at.clone(),
            at,
        ]);
        self.unless_few().await
    }

    async fn unless_few(&mut self) -> Result<()> {
        if self.users.len().max(self.tasks.len()) < TOGETHER { Ok(()) } else { self.write().await }
    }

    async fn write(&mut self) -> Result<()> {
        let batch = Batch::new()
            .bulk(USERS, std::mem::take(&mut self.users))
            .bulk(SESSIONS, std::mem::take(&mut self.sessions))
            .bulk(TASKS, std::mem::take(&mut self.tasks));
        self.db.write(batch).await
    }

    /// Writes what is left.
    pub async fn finish(mut self) -> Result<()> {
        self.write().await
    }
}
