//! The kind `report`: a file of a person's own data.
//!
//! It is made a page at a time and kept in parts, so that nothing of it is in memory whole, however long it is. Each part
//! commits with the proof that its maker still holds the job: of two who take themselves for that only one writes.

mod csv;
mod history;
mod results;
mod routes;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use types::{Error, FieldError, Phrase, Result, Text, UserId};

use super::payload::Payload;
use crate::door::UserKind;
use crate::kind::{Handler, Kind, Outcome};
use crate::running::Running;

pub use history::History;
pub use results::Results;
pub use routes::routes;

/// The name of the kind.
const NAME: &str = "report";
/// How many are made at once in all processes together.
const AT_ONCE: u32 = 4;
/// How long one may take.
const PATIENCE: Duration = Duration::from_mins(30);
/// Bytes of a part; it may be longer by a row.
const PART: usize = 64 << 10;
/// Bytes of a report.
const LONGEST: usize = 64 << 20;

const NO_SOURCE: Text = Text {
    code: "no_such_report",
    en: "there are reports of {} here",
    uk: "тут є звіти про {}",
    ru: "здесь есть отчёты о {}",
};
const NO_FORMAT: Text = Text {
    code: "no_such_format",
    en: "a report is csv",
    uk: "звіт буває у форматі csv",
    ru: "отчёт бывает в формате csv",
};

/// What a report can be of.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// What its columns are called.
    fn columns(&self) -> &'static [&'static str];
    /// A person's rows behind this place, some of them.
    async fn page(&self, person: UserId, after: Option<Place>) -> Result<Rows>;
}

/// Some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// Each with a text for each column.
    pub rows: Vec<Vec<String>>,
    /// The place to go on behind; none when these are the last.
    pub next: Option<Place>,
}

/// A place among a person's rows, by the one or two numbers that are their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub i64, pub i64);

impl From<i64> for Place {
    fn from(key: i64) -> Self {
        Self(key, 0)
    }
}

/// Makes reports. Cheap to clone.
#[derive(Clone)]
pub struct Report {
    sources: Arc<[Arc<dyn Source>]>,
}

#[derive(Deserialize)]
struct Order {
    of: String,
}

/// What is known of a report that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Made {
    of: String,
    rows: u64,
    bytes: usize,
    parts: i64,
}

impl Report {
    /// Of these.
    pub fn new(sources: Vec<Arc<dyn Source>>) -> Self {
        Self { sources: sources.into() }
    }

    fn source(&self, name: &str) -> Option<&Arc<dyn Source>> {
        self.sources.iter().find(|source| source.name() == name)
    }

    fn names(&self) -> String {
        self.sources.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ")
    }
}

impl UserKind for Report {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self, payload: &Value) -> Vec<FieldError> {
        let mut payload = Payload::of(payload, &["of", "format"]);
        payload.text("of", |of| match self.source(of) {
            Some(_) => Ok(()),
            None => Err(NO_SOURCE.with([&self.names()])),
        });
        payload.optional_text(
            "format",
            |format| {
                if format == "csv" { Ok(()) } else { Err(Phrase::from(NO_FORMAT)) }
            },
        );
        payload.wrong()
    }
}

#[async_trait]
impl Handler for Report {
    fn kind(&self) -> Kind {
        Kind::new(NAME).at_most(AT_ONCE).within(PATIENCE)
    }

    async fn run(&self, job: &Running) -> Result<Outcome> {
        let Order { of } = job.read()?;
        let Some(owner) = job.owner() else { return Ok(Outcome::Never("it is nobody's".into())) };
        let Some(source) = self.source(&of) else {
            // Another process has it: this job was taken there.
            return Ok(Outcome::Again { why: format!("{of} are elsewhere"), after: Duration::ZERO });
        };
        if !job.store.clear_parts(&job.held).await? {
            return Err(Error::Stale);
        }
        let mut file = File { job, made: Made { of, rows: 0, bytes: 0, parts: 0 }, part: String::new() };
        csv::row(&mut file.part, source.columns());
        let mut after = None;
        loop {
            let Rows { rows, next } = source.page(owner, after).await?;
            for row in rows {
                if !file.add(&row).await? {
                    job.store.clear_parts(&job.held).await?;
                    return Ok(Outcome::Never("it would be longer than 64 MiB".into()));
                }
            }
            after = next;
            if after.is_none() {
                return file.end().await;
            }
        }
    }
}

/// A report on its way into parts.
struct File<'j> {
    job: &'j Running,
    made: Made,
    /// What is not written yet.
    part: String,
}

impl File<'_> {
    /// Adds a row; false when it is one too many.
    async fn add(&mut self, row: &[String]) -> Result<bool> {
        csv::row(&mut self.part, row);
        self.made.rows += 1;
        if self.made.bytes + self.part.len() > LONGEST {
            return Ok(false);
        }
        if self.part.len() >= PART {
            let progress = json!({ "rows": self.made.rows }).to_string();
            let part = (self.made.parts, self.part.as_str());
            if !self.job.store.add_part(&self.job.held, part, &progress).await? {
                return Err(Error::Stale);
            }
            self.next();
        }
        Ok(true)
    }

    fn next(&mut self) {
        self.made.parts += 1;
        self.made.bytes += self.part.len();
        self.part.clear();
    }

    /// Writes the last part, and that it is done.
    async fn end(mut self) -> Result<Outcome> {
        let last = (self.made.parts, std::mem::take(&mut self.part));
        self.made.parts += 1;
        self.made.bytes += last.1.len();
        let said = serde_json::to_string(&self.made);
        let said = said.map_err(|e| Error::internal_by("a report cannot be told of", e))?;
        let along = self.job.acknowledge_with(said);
        self.job.store.add_last_part(&self.job.held, (last.0, &last.1), along).await?;
        Ok(Outcome::Done)
    }
}
