//! Telling how many facts go their way.

use std::sync::Arc;

/// Hears a topic and a number of its facts.
pub type Count = Arc<dyn Fn(&str, u64) + Send + Sync>;

/// Who counts. Cheap to clone; nobody does by default.
#[derive(Clone, Default)]
pub struct Counts {
    /// Facts that a relay has published.
    pub published: Option<Count>,
    /// Facts that a group has handled.
    pub consumed: Option<Count>,
}

impl Counts {
    pub(crate) fn published(&self, topic: &str, facts: usize) {
        tell(self.published.as_ref(), topic, facts);
    }

    pub(crate) fn consumed(&self, topic: &str, facts: usize) {
        tell(self.consumed.as_ref(), topic, facts);
    }
}

fn tell(count: Option<&Count>, topic: &str, facts: usize) {
    if let Some(count) = count.filter(|_| facts > 0) {
        count(topic, facts as u64);
    }
}
