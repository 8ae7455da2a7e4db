//! Writes as data: statements that are one transaction, each with the rows it must touch.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::sql::{list, sized};
use crate::{Error, Result, Sql, Value};

/// How many rows a statement must touch; otherwise nothing of its batch happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Exactly this many.
    Exactly(u64),
    /// Any number.
    Any,
}

impl Rows {
    pub(crate) const fn met_by(self, touched: u64) -> bool {
        match self {
            Self::Exactly(n) => n == touched,
            Self::Any => true,
        }
    }
}

/// One statement of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub(crate) sql: Sql,
    pub(crate) rows: Rows,
}

impl Step {
    /// A statement that must touch so many rows.
    pub const fn new(sql: Sql, rows: Rows) -> Self {
        Self { sql, rows }
    }

    /// Whether it touched the rows it had to; `own` is where what came along begins.
    pub(crate) fn expect(&self, step: usize, own: usize, touched: u64) -> Result<()> {
        if self.rows.met_by(touched) {
            Ok(())
        } else {
            Err(Error::Missed { step, touched, along: step >= own })
        }
    }

    /// An insert of rows given as values touches as many as it has, or fails as a whole: there is never a surplus to
    /// undo, and so alone it needs no transaction.
    pub(crate) fn is_plain_insert(&self) -> bool {
        let text = &self.sql.text;
        text.starts_with("insert into") && !text.contains("select") && !text.contains("conflict")
    }
}

/// Statements that happen together or not at all.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) steps: Vec<Step>,
    /// How many of the steps are the store's own; what follows came along.
    pub(crate) own: usize,
    pub(crate) companions: Along,
}

impl Batch {
    /// No statements yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch of one statement that must touch one row.
    pub fn of_one(sql: Sql) -> Self {
        Self::new().one(sql)
    }

    /// Adds a statement that must touch one row.
    #[must_use]
    pub fn one(self, sql: Sql) -> Self {
        self.step(sql, Rows::Exactly(1))
    }

    /// Adds a statement that may touch any number of rows.
    #[must_use]
    pub fn any(self, sql: Sql) -> Self {
        self.step(sql, Rows::Any)
    }

    /// Adds a statement and the rows it must touch.
    #[must_use]
    pub fn step(mut self, sql: Sql, rows: Rows) -> Self {
        self.steps.push(Step::new(sql, rows));
        self.own = self.steps.len();
        self
    }

    /// Adds a step that was made elsewhere.
    #[must_use]
    pub fn and(self, step: Step) -> Self {
        self.step(step.sql, step.rows)
    }

    /// Adds inserts of many rows: `head` is `insert into t (a, b) values`, each row its values in that order.
    #[must_use]
    pub fn bulk(self, head: &'static str, rows: Vec<Vec<Value>>) -> Self {
        sized(rows).fold(self, |batch, part| {
            let rows = Rows::Exactly(part.len() as u64);
            batch.step(Sql { text: Cow::Owned(values(head, &part)), args: flat(part) }, rows)
        })
    }

    /// The same for upserts, with `tail` behind the rows: `on conflict (a) do update set b = excluded.b`. What they touch
    /// is counted differently by each engine.
    #[must_use]
    pub fn bulk_upsert(self, head: &'static str, rows: Vec<Vec<Value>>, tail: &'static str) -> Self {
        sized(rows).fold(self, |batch, part| {
            let text = format!("{} {tail}", values(head, &part));
            batch.any(Sql { text: Cow::Owned(text), args: flat(part) })
        })
    }

    /// Its statements, for whoever goes along with another's write.
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Adds what commits with it.
    #[must_use]
    pub fn along(mut self, along: Along) -> Self {
        for companion in &along.0 {
            self.steps.extend(companion.steps());
        }
        self.companions.0.extend(along.0);
        self
    }
}

/// What comes along with a write that its store may have to try again, put together otherwise.
impl Companion for Arc<Along> {
    fn steps(&self) -> Vec<Step> {
        self.0.iter().flat_map(|companion| companion.steps()).collect()
    }

    fn committed(&self) {
        Along::committed(self);
    }
}

fn values(head: &str, rows: &[Vec<Value>]) -> String {
    let row = format!("({})", list("?", rows.first().map_or(0, Vec::len)));
    format!("{head} {}", list(&row, rows.len()))
}

fn flat(rows: Vec<Vec<Value>>) -> Vec<Value> {
    rows.into_iter().flatten().collect()
}

/// Something that commits with a write that it knows nothing of: a fact, a job, a consumer's position, a key.
pub trait Companion: Any + fmt::Debug + Send + Sync {
    /// Its part of the transaction.
    fn steps(&self) -> Vec<Step>;

    /// Called once it is durable; must be quick, and cannot fail.
    fn committed(&self) {}
}

/// What commits with a write. Services fill it, stores add it to their batch, and mocks look into it.
#[derive(Debug, Default)]
pub struct Along(pub(crate) Vec<Box<dyn Companion>>);

impl Along {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// This, and one companion more.
    #[must_use]
    pub fn with(mut self, companion: impl Companion) -> Self {
        self.0.push(Box::new(companion));
        self
    }

    /// The companions of one type.
    pub fn of<T: Companion>(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|companion| (&**companion as &dyn Any).downcast_ref())
    }

    pub(crate) fn committed(&self) {
        for companion in &self.0 {
            let told = catch_unwind(AssertUnwindSafe(|| companion.committed()));
            if told.is_err() {
                // The write is durable, and nobody may hear otherwise; the writer has others to serve.
                tracing::error!(companion = ?companion, "what came along with a write panicked after its commit");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql;

    #[test]
    fn bulk_inserts_come_in_few_sizes() {
        let rows = (0..234).map(|i| vec![Value::Int(i), Value::Null]).collect();
        let batch = Batch::new().bulk("insert into t (a, b) values", rows);
        let sizes: Vec<usize> = batch.steps.iter().map(|s| s.sql.args.len() / 2).collect();
        assert_eq!(sizes, [100, 100, 10, 10, 10, 1, 1, 1, 1]);
        assert!(batch.steps[8].sql.text.ends_with("values (?, ?)"));
    }

    #[test]
    fn bulk_upserts_say_the_same_behind_their_rows() {
        let rows = (0..11).map(|i| vec![Value::Int(i)]).collect();
        let batch = Batch::new().bulk_upsert("insert into t (a) values", rows, "on conflict (a) do nothing");
        assert_eq!(batch.steps[1].sql.text, "insert into t (a) values (?) on conflict (a) do nothing");
        assert!(batch.steps.iter().all(|step| step.rows == Rows::Any && !step.is_plain_insert()));
    }

    #[derive(Debug, PartialEq)]
    struct Note(i64);
    impl Companion for Note {
        fn steps(&self) -> Vec<Step> {
            vec![Step::new(sql!("insert into notes (id) values (?)", self.0), Rows::Exactly(1))]
        }
    }

    #[test]
    fn companions_are_found_by_type_and_follow_the_stores_own_steps() {
        let along = Along::none().with(Note(1)).with(Note(2));
        assert_eq!(along.of::<Note>().collect::<Vec<_>>(), [&Note(1), &Note(2)]);
        let batch = Batch::of_one(sql!("delete from t")).along(along);
        assert_eq!((batch.own, batch.steps.len()), (1, 3));
    }
}
