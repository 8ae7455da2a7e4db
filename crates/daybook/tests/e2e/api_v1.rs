//! What lives under `/api/v1`.

mod etags;
mod idempotency;
mod me;
mod tasks;
mod tasks_bulk;
mod tasks_changes;
mod tasks_events;
mod tasks_placed;
mod tasks_search;
