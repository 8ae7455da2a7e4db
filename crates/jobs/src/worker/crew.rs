//! Who does what in this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::job::Priority;
use crate::{Every, Handler, Kind};

/// The handlers of a process.
pub struct Crew {
    by_kind: BTreeMap<&'static str, (Kind, Arc<dyn Handler>)>,
    /// Where they look for jobs, those that go first before the others.
    rows: Vec<(String, Priority)>,
    /// Its name, for people.
    pub holder: String,
    /// How many jobs it has at once.
    pub room: usize,
}

impl Crew {
    /// These handlers.
    pub fn new(handlers: Vec<Arc<dyn Handler>>, holder: String, room: usize) -> Self {
        let by_kind: BTreeMap<_, _> =
            handlers.into_iter().map(|handler| (handler.kind().name, (handler.kind(), handler))).collect();
        let rows = Priority::ALL
            .into_iter()
            .flat_map(|priority| by_kind.keys().map(move |name| ((*name).to_owned(), priority)))
            .collect();
        Self { by_kind, rows, holder, room }
    }

    /// The handler of a kind, and what is the same for all of its jobs.
    pub fn of(&self, kind: &str) -> Option<&(Kind, Arc<dyn Handler>)> {
        self.by_kind.get(kind)
    }

    /// All kinds.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.by_kind.values().map(|(kind, _)| *kind)
    }

    /// The kinds of which one is put in by itself, and when.
    pub fn timed(&self) -> impl Iterator<Item = (Kind, Every)> {
        self.by_kind.values().filter_map(|(kind, handler)| Some((*kind, handler.every()?)))
    }

    /// Where they look for jobs.
    pub fn rows(&self) -> &[(String, Priority)] {
        &self.rows
    }

    /// Their kinds, in a line.
    pub fn names(&self) -> String {
        self.by_kind.keys().copied().collect::<Vec<_>>().join(" ")
    }
}
