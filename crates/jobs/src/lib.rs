//! What the queue knows without a database: when a schedule is due, and how a webhook is told.

pub mod schedule;
pub mod webhook;
