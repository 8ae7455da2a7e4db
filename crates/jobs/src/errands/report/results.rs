//! Reports that are made, for their owners to fetch.

use types::{Caller, Error, JobId, Result, Text, Timestamp};

use super::{Made, NAME};
use crate::job::State;
use crate::queue::Queue;

/// There is no such job, or it makes no file.
const NO_FILE: Text = Text {
    code: "no_result",
    en: "There is no such report",
    uk: "Такого звіту немає",
    ru: "Такого отчёта нет",
};
const NOT_MADE: Text = Text {
    code: "result_not_ready",
    en: "The report is not made yet, or will not be",
    uk: "Звіт ще не готовий або вже не буде готовий",
    ru: "Отчёт ещё не готов или уже не будет готов",
};

/// The files. Cheap to clone.
#[derive(Clone)]
pub struct Results {
    queue: Queue,
}

/// A report that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// Whose parts it has.
    pub job: JobId,
    /// What to call the file.
    pub name: String,
    /// How long it is.
    pub bytes: usize,
    /// In how many parts.
    pub parts: i64,
}

impl Results {
    /// From this queue.
    pub const fn new(queue: Queue) -> Self {
        Self { queue }
    }

    /// One of the caller's.
    pub async fn find(&self, caller: &Caller, id: JobId) -> Result<Shelf> {
        let job = self.queue.find(Some(caller.user), id).await?;
        let job = job.filter(|job| job.draft.kind == NAME).ok_or(Error::NotFound(NO_FILE))?;
        let (State::Done, Some(made)) = (job.state, &job.result) else {
            return Err(Error::Conflict(NOT_MADE));
        };
        let made: Made = serde_json::from_str(made)
            .map_err(|e| Error::internal_by(format!("what is known of report {id} cannot be read"), e))?;
        let day = job.finished_at.map(Timestamp::plain).unwrap_or_default();
        let name = format!("{}-{}.csv", made.of, day.get(..10).unwrap_or_default());
        Ok(Shelf { job: id, name, bytes: made.bytes, parts: made.parts })
    }

    /// A part of it.
    pub(super) async fn part(&self, report: &Shelf, number: i64) -> Result<String> {
        let found = self.queue.store.part(report.job, number).await?;
        found.ok_or_else(|| Error::internal(format!("part {number} of report {} is missing", report.job)))
    }
}
