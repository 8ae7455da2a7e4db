//! What lives under `/api/v1`.

mod etags;
mod idempotency;
mod me;
mod tasks;
