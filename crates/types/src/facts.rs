//! Facts that cross domains, one file a domain: what happened, as plain data. A struct here is only ever extended,
//! because facts written by an older program are still on their way when a newer one starts.

pub mod accounts;
pub mod jobs;
pub mod messages;
pub mod tasks;

/// A fact that can be told: where it goes, what it is called, and whose order it keeps.
pub trait Tell: serde::Serialize {
    /// The topic it belongs to.
    const TOPIC: &'static str;
    /// Its name within the topic.
    const KIND: &'static str;
    /// Facts of one key are delivered in the order in which they were committed.
    fn key(&self) -> i64;
}
