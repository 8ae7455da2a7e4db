//! What a person may have done.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use types::FieldError;

use crate::Backoff;
use crate::outside::KIND;

/// A kind of jobs that people put in the queue themselves.
pub trait UserKind: Send + Sync + 'static {
    /// Its name, as its handler has it.
    fn name(&self) -> &'static str;

    /// What is wrong with a payload, which is an object: fields are named from the job's outside, as `payload.url`.
    fn check(&self, payload: &Value) -> Vec<FieldError>;

    /// How often one is tried when nobody says.
    fn attempts(&self) -> u32 {
        Backoff::USUAL.attempts
    }

    /// Whether it is done by people's own workers, who each take from queues with names.
    fn has_queues(&self) -> bool {
        false
    }
}

/// Work for a person's own workers outside of the house: what it is about is theirs to say.
#[derive(Debug, Clone, Copy, Default)]
pub struct External;

impl External {
    /// Its name.
    pub const NAME: &'static str = "external";
    /// The queue of those that name none.
    pub const USUAL_QUEUE: &'static str = "default";

    /// Whether a queue may be called so.
    pub fn is_queue(name: &str) -> bool {
        let is_letter = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        (1..=40).contains(&name.len()) && name.bytes().all(is_letter)
    }
}

impl UserKind for External {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn check(&self, _: &Value) -> Vec<FieldError> {
        Vec::new()
    }

    fn attempts(&self) -> u32 {
        KIND.backoff.attempts
    }

    fn has_queues(&self) -> bool {
        true
    }
}

/// All that there are. Cheap to clone.
#[derive(Clone)]
pub struct Kinds(Arc<BTreeMap<&'static str, Arc<dyn UserKind>>>);

impl Kinds {
    /// These.
    pub fn new(kinds: Vec<Arc<dyn UserKind>>) -> Self {
        Self(Arc::new(kinds.into_iter().map(|kind| (kind.name(), kind)).collect()))
    }

    /// The one of this name.
    pub fn named(&self, name: &str) -> Option<&dyn UserKind> {
        self.0.get(name).map(|kind| &**kind)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_called_by_a_short_word() {
        for name in ["default", "a", "mail-2_x", &"q".repeat(40)] {
            assert!(External::is_queue(name), "{name}");
        }
        for name in ["", "Mail", "a/b", "a b", "ї", &"q".repeat(41)] {
            assert!(!External::is_queue(name), "{name}");
        }
    }
}
