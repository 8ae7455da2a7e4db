//! What lives under `/api/v1`.

mod etags;
mod me;
mod tasks;
mod tasks_bulk;
mod tasks_changes;
mod tasks_events;
mod tasks_placed;
