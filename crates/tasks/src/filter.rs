//! Which tasks a list has, and in which order.

use types::{ListId, TaskId};

use crate::mark::{DUE, Degree, Mark, PRIORITY, Wanted};
use crate::order::Place;
use crate::task::Task;

/// In which order, and from where on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest {
        /// Only those older than this one.
        before: Option<TaskId>,
    },
    /// As the person dragged them.
    Position {
        /// Only those after this place.
        after: Option<Place>,
    },
    /// What is due soonest first; only what is due at all.
    Due {
        /// Only those after this place.
        after: Option<Place>,
    },
    /// What matters most first; only what matters more than the rest.
    Priority {
        /// Only those after this place.
        after: Option<Place>,
    },
}

impl Order {
    /// The place that it goes on after.
    pub const fn after(&self) -> Option<Place> {
        match *self {
            Self::Newest { .. } => None,
            Self::Position { after } | Self::Due { after } | Self::Priority { after } => after,
        }
    }

    /// The task that it goes on before.
    pub const fn before(&self) -> Option<TaskId> {
        match *self {
            Self::Newest { before } => before,
            Self::Position { .. } | Self::Due { .. } | Self::Priority { .. } => None,
        }
    }
}

impl Default for Order {
    fn default() -> Self {
        Self::Newest { before: None }
    }
}

/// What a list leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those done, or only those to do.
    pub completed: Option<bool>,
    /// Only those with this label.
    pub label: Option<String>,
    /// Only those in this list.
    pub list: Option<ListId>,
    /// Only parts of this task.
    pub parent: Option<TaskId>,
    /// Only those of this priority.
    pub priority: Option<i64>,
    /// Only those due then or later, and only those due before.
    pub due: (Option<i64>, Option<i64>),
    /// In which order; a search is newest first.
    pub order: Order,
    /// At most so many.
    pub limit: i64,
}

impl Filter {
    /// The marks that all of them have; the one that the list is read by comes first.
    pub fn marks(&self) -> Vec<Wanted> {
        let by_due = matches!(self.order, Order::Due { .. });
        let due = (by_due || self.due != (None, None))
            .then(|| Wanted { name: DUE.to_owned(), degree: Degree::Within(self.due.0, self.due.1) });
        let by_priority = matches!(self.order, Order::Priority { .. });
        let any =
            by_priority.then(|| Wanted { name: PRIORITY.to_owned(), degree: Degree::Within(None, None) });
        let priority = self.priority.map(|wanted| Mark::priority(wanted).into()).or(any);
        let (first, rest) = match self.order {
            Order::Due { .. } => (due, [priority, None]),
            Order::Priority { .. } => (priority, [due, None]),
            Order::Newest { .. } | Order::Position { .. } => (None, [priority, due]),
        };
        let ids = self.parent.map(Mark::parent).into_iter().chain(self.list.map(Mark::list));
        let named = ids.chain(self.label.as_deref().map(Mark::label)).map(Wanted::from);
        first.into_iter().chain(named).chain(rest.into_iter().flatten()).collect()
    }
}

/// What a search found: a page, which may be short or even empty when it took long to find so little.
#[derive(Debug, Default)]
pub struct Found {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The search goes on before this one; nothing when it is over.
    pub next: Option<TaskId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_by_what_it_is_ordered_by() {
        let first = |filter: Filter| filter.marks().into_iter().map(|mark| mark.name).next();
        let asked = Filter { label: Some("home".into()), priority: Some(2), ..Filter::default() };
        assert_eq!(first(Filter::default()), None);
        assert_eq!(first(asked.clone()).as_deref(), Some("label:home"));
        assert_eq!(
            first(Filter { order: Order::Due { after: None }, ..asked.clone() }).as_deref(),
            Some(DUE)
        );
        let by_priority = Filter { order: Order::Priority { after: None }, ..asked };
        let degrees: Vec<_> = by_priority.marks().into_iter().map(|mark| mark.degree).collect();
        assert_eq!(degrees, [Degree::Is(2), Degree::Is(0)]);
    }
}
