//! Telling how many facts go their way.

use std::sync::Arc;

/// Hears a topic and how many.
pub type Count = Arc<dyn Fn(&str, u64) + Send + Sync>;

/// Who counts. Cheap to clone; nobody does by default.
#[derive(Clone, Default)]
pub struct Counts {
    /// Facts that a relay has published.
    pub published: Option<Count>,
    /// Facts that a group has handled.
    pub consumed: Option<Count>,
    /// Numbers that a ferry has not found.
    pub missing: Option<Count>,
}

impl Counts {
    pub(crate) fn published(&self, topic: &str, facts: usize) {
        tell(self.published.as_ref(), topic, facts as u64);
    }

    pub(crate) fn consumed(&self, topic: &str, facts: usize) {
        tell(self.consumed.as_ref(), topic, facts as u64);
    }

    pub(crate) fn missing(&self, topic: &str, numbers: i64) {
        tell(self.missing.as_ref(), topic, u64::try_from(numbers).unwrap_or(0));
    }
}

fn tell(count: Option<&Count>, topic: &str, number: u64) {
    if let Some(count) = count.filter(|_| number > 0) {
        count(topic, number);
    }
}
